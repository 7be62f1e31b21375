"""What the views of the API have in common."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from django.db.models import Model
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ledger.actions import rows
from ledger.actions.conditional import Stale, if_unchanged
from ledger.doorway import Via, through
from ledger.models import Recorded
from tasklist.rest.conditions import etag_of, is_known, refuse_stale
from tasklist.rest.errors import PreconditionFailed
from tasklist.rest.fields import LARGEST_ID, in_json
from tasklist.rest.parsers import refuse_large
from tasklist.rest.serializers import Nothing, Query

Row = TypeVar("Row", bound=Recorded)
T = TypeVar("T")


class ApiViewSet(GenericViewSet):
    """A view of the API: what it changes is recorded as done there."""

    serializer_class: type = Nothing
    asks: tuple[str, ...] = ("list",)  # the actions that read their Query themselves
    # The actions that manage accounts, or what lets people in.
    not_by_personal_token: tuple[str, ...] = ()
    may_clash: tuple[str, ...] = ()  # the actions that answer 409
    # Allow names what is taken, and OPTIONS is not: there is the schema.
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with through(Via.API):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Http404 for the id of nothing, which SQLite could not even look up.

        And ValidationError for questions where none is answered: `POST tasks?list=3` would
        otherwise put the task elsewhere.
        """
        read_whole(request)
        super().initial(request, *args, **kwargs)
        if self.action and self.action not in self.asks:
            Query.of(request)
        if any(isinstance(each, int) and each > LARGEST_ID for each in kwargs.values()):
            raise Http404


def read_whole(request: Request) -> None:
    """The body, before anything is decided: who sends it slowly must not choose the moment.

    Between a look at what somebody may do and the write, they could lose the right to it.
    """
    if request.META.get("CONTENT_LENGTH", "").isdigit():
        refuse_large(int(request.META["CONTENT_LENGTH"]))
    refuse_large(len(request._request.body))


class SingleViewSet(ApiViewSet):
    """Views of one row at a time, its states told apart by ETag. A subclass says how it looks."""

    model: Any
    noun: str  # what its actions call a row
    fields: Sequence[str]  # the columns that programs see
    about_several: tuple[str, ...] = ("list", "create")  # the actions that are not about one

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of `fields` in JSON: as it is, and amounts as numbers."""
        return {name: in_json(row[name]) for name in self.fields}

    def body(self, found: Any) -> Mapping[str, Any]:
        """The one row that `found` has, as programs see it. Raises Http404 where it has none."""
        return self.shape(get_object_or_404(found.values(*self.fields)))

    def body_of(self, row: Any) -> Mapping[str, Any]:
        """The row as it is now; it may have been deleted for good this moment: Http404."""
        return self.body(self.model.objects.filter(pk=row.pk))

    def lock(self, row: Any) -> Any:
        """How its actions lock it."""
        return rows.lock(row)

    def act(self, verb: Callable[..., T], row: Any, **facts: Any) -> T:
        """Have the action done to the row, unless If-Match names another state."""
        then = partial(verb, **{self.noun: row}, by=self.request.user, **facts)
        return self.write(row, then, self.lock)

    def done(self, verb: Callable[..., Recorded], row: Any, **facts: Any) -> Response:
        """Have it done, and show what became of the row."""
        return self.answer(self.body_of(self.act(verb, row, **facts)))

    def answer(
        self, body: Mapping[str, Any], status: int = 200, where: str | None = None
    ) -> Response:
        """The thing as GET shows it, or 304 for whoever has just that; `where` it was made."""
        headers = {"ETag": etag_of(body)}
        if self.request.method in ("GET", "HEAD") and is_known(self.request, headers["ETag"]):
            return Response(status=304, headers=headers)
        if where:
            headers["Location"] = where.rstrip("/")
        return Response(body, status, headers=headers)

    def write(self, row: Row, then: Callable[[], T], lock: Callable[[Row], Row]) -> T:
        """Do `then`, unless If-Match names another state; raises PreconditionFailed.

        `row` is as this request has read it, `lock` keeps it so until `then` is done.
        """
        request: Request = self.request
        if "If-Match" not in request.headers:
            return then()
        refuse_stale(request, self.body_of(row))
        try:
            return if_unchanged(row=row, lock=lock, then=then, by=cast(Model, request.user))
        except Stale as stale:
            current = self.body_of(row)
            words = _("Somebody has changed it this moment. `current` is what it is now.")
            raise PreconditionFailed(words, current, etag_of(current)) from stale
