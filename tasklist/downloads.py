"""Handing out a private file: never shown in the browser, always saved by it."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header


def download(name: str, *, called: str) -> HttpResponseBase:
    """The file `name` of the default storage, saved as `called`; from a bucket by a signed link.

    Raises Http404 where it is gone. Who may have it has been decided by the caller.
    """
    if not default_storage.exists(name):
        raise Http404
    response: HttpResponseBase
    if settings.MEDIA_BUCKET:
        saved = {"ResponseContentDisposition": content_disposition_header(True, called)}
        link = default_storage.url(name, parameters=saved)  # type: ignore[call-arg]
        response = HttpResponseRedirect(link)
    else:
        file = default_storage.open(name)
        response = FileResponse(file, as_attachment=True, filename=called)
    add_never_cache_headers(response)
    return response
