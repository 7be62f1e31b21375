"""Resources: what is made, read, written, thrown away and brought back by the API."""

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from ledger.access import fetch, refuse_unless_may
from tasklist.rest.fields import Switch
from tasklist.rest.paging import KeysetPagination, PageQuery, listed
from tasklist.rest.serializers import Body, Deletion, Nothing
from tasklist.rest.views import SingleViewSet


class ResourceQuery(PageQuery):
    """Which page of a resource, present or in the trash; the base of its own query."""

    deleted = Switch(default=False, help_text="`true`: those in the trash instead.")


class ResourceViewSet(SingleViewSet):
    """All that resources do alike. A subclass names its parts, and overrides what is special.

    Its QuerySet has `present()`, `in_trash()`, `where_user_may()`, and `called()` where
    `lookup_field` is a key that people write; its verbs are create, edit,
    trash, restore and delete. `list` it writes itself, since it knows what can be asked for.
    """

    verbs: ModuleType  # the actions
    abilities: ClassVar[Mapping[str, str]] = {}  # what a verb takes where it is not "edit"
    serializer_class: type[Body]
    replacement_class: type[Body] | None = None  # of a PUT and a PATCH, where it is another
    lookup_value_converter = "int"
    pagination_class = KeysetPagination
    order: Sequence[str] = ("id",)  # of its pages
    asks: tuple[str, ...] = ("list", "destroy")

    def page(self, found: Any, query: Mapping[str, Any]) -> Response:
        """Those of `found` that a ResourceQuery asks for and the person may see."""
        found = found.in_trash() if query["deleted"] else found.present()
        mine = found.where_user_may(self.request.user, "view")
        return listed(
            self.request, mine, query, fields=self.fields, shape=self.shape, order=self.order
        )

    def named(self) -> Any:
        """Those that the address names, one or none, in the trash or not."""
        key = self.kwargs[self.lookup_field]
        rows = self.model.objects.all()
        return rows.filter(pk=key) if self.lookup_field == "pk" else rows.called(key)

    def present(self, ability: str) -> Any:
        """The one named, if it is not in the trash. Raises Http404, PermissionDenied."""
        return fetch(self.named().present(), self.request.user, ability)

    def kept(self, ability: str) -> Any:
        """The same, in the trash or not."""
        return fetch(self.named(), self.request.user, ability)

    def ability_to(self, verb: str) -> str:
        return self.abilities.get(verb, "edit")

    def create(self, request: Any) -> Response:
        """Add one."""
        refuse_unless_may(self.model.objects.all(), request.user, self.ability_to("create"))
        made = self.verbs.create(by=request.user, **self.serializer_class.read(request))
        return self.created(made)

    def retrieve(self, request: Request, **_address: Any) -> Response:
        """One of them, unless it is in the trash."""
        found = self.named().present().where_user_may(request.user, "view")
        return self.answer(self.body(found))

    def update(self, request: Request, **_address: Any) -> Response:
        """Write every field; those left out are reset."""
        return self.edit(partial=False)

    def partial_update(self, request: Request, **_address: Any) -> Response:
        """Write the fields that are named, and no other."""
        return self.edit(partial=True)

    @extend_schema(parameters=[Deletion])
    def destroy(self, request: Request, **_address: Any) -> Response:
        """Into the trash; with `permanent=true` for good."""
        if Deletion.of(request)["permanent"]:
            self.act(self.verbs.delete, self.kept(self.ability_to("delete")))
        else:
            self.act(self.verbs.trash, self.present(self.ability_to("trash")))
        return Response(status=204)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **_address: Any) -> Response:
        """Out of the trash."""
        Nothing.read(request)
        return self.done(self.verbs.restore, self.kept(self.ability_to("restore")))

    def edit(self, *, partial: bool) -> Response:
        row = self.present(self.ability_to("edit"))
        body = self.replacement_class or self.serializer_class
        return self.done(self.verbs.edit, row, **body.read(self.request, partial=partial))

    def created(self, made: Any) -> Response:
        """201, and where it is from now on."""
        where = reverse(
            f"api:{self.basename}", [getattr(made, self.lookup_field)], request=self.request
        )
        return self.answer(self.body_of(made), 201, where)
