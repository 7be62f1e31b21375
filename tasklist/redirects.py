"""Where to go after a form."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(
    request: HttpRequest, otherwise: str, *args: object, gone: str | None = None
) -> HttpResponseRedirect:
    """To the page the form stood on (`next`), or else to `otherwise`; never off this site.

    Nor to `gone`, the address of what the form has just thrown away, and the pages below it.
    """
    wanted = request.POST.get("next", "")
    if is_path(wanted) and not (gone and f"{urlsplit(wanted).path}/".startswith(gone)):
        return HttpResponseRedirect(wanted)  # not redirect(), which takes "x" for a view's name
    return redirect(otherwise, *args)


def is_path(url: str) -> bool:
    """Whether it leads to a path of this site, whatever a browser makes of it."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, None)
