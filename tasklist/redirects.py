"""Where to go after a form."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, otherwise: str, *args: object) -> HttpResponseRedirect:
    """To the page the form stood on (`next`), or else to `otherwise`; never off this site."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if safe else resolve_url(otherwise, *args))
