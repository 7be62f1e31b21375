"""ETag, If-Match and If-None-Match (RFC 9110, sections 8.8 and 13)."""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from tasklist.rest.errors import PreconditionFailed
from tasklist.rest.renderers import OneJSONRenderer


def etag_of(body: Any) -> str:
    """A strong tag: a hash of the very bytes that GET sends."""
    return f'"{hashlib.sha256(OneJSONRenderer().render(body)).hexdigest()[:32]}"'


def refuse_stale(request: Request, current: Any) -> None:
    """Raises PreconditionFailed where If-Match names another state than `current`.

    The comparison is the strong one: weak tags never match.
    """
    wanted = tags(request, "If-Match")
    etag = etag_of(current)
    if wanted and wanted != ["*"] and etag not in wanted:
        raise PreconditionFailed(
            _("It was changed since. `current` is what it is now."), current, etag
        )


def is_known(request: Request, etag: str) -> bool:
    """Whether If-None-Match says that the client has this state already."""
    known = [tag.removeprefix("W/") for tag in tags(request, "If-None-Match")]
    return known == ["*"] or etag in known


def tags(request: Request, header: str) -> list[str]:
    sent = request.headers.get(header, "").strip()
    found = parse_etags(sent)
    if sent and not found:
        raise ParseError(
            _('%(header)s has to be tags in quotation marks, "…", or *.') % {"header": header}
        )
    return found
