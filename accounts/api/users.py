"""People: oneself, and for staff everybody."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.actions import users
from accounts.api.permissions import WithinScope
from accounts.api.requests import Request
from accounts.api.serializers import (
    FIELDS,
    PeopleQuery,
    Person,
    PersonForStaff,
    Registration,
    person_body,
)
from accounts.models import User
from accounts.registering import registered
from ledger.access import fetch
from ledger.actions import rows
from tasklist.rest.paging import KeysetPagination, listed
from tasklist.rest.views import SingleViewSet


class PersonLook(SingleViewSet):
    """How all views of people answer."""

    request: Request
    model, fields, shape = User, FIELDS, staticmethod(person_body)


class PersonViewSet(PersonLook):
    """One person: oneself, or for staff anybody. `who` is an id or a username."""

    about_several = ("end_sessions",)
    not_by_personal_token = ("destroy", "end_sessions", "partial_update")

    def person(self, ability: str) -> User:
        found = User.objects.named(self.kwargs["who"])
        return fetch(found, self.request.user, ability)

    @extend_schema(responses=Person)
    def retrieve(self, request: Request, who: str) -> Response:
        """Oneself, or for staff anybody."""
        return self.answer(self.body_of(self.person("view")))

    @extend_schema(request=PersonForStaff, responses=Person)
    def partial_update(self, request: Request, who: str) -> Response:
        """Disable somebody, or let them in again. Staff only."""
        user = self.person("manage")
        changes = PersonForStaff.read(request, partial=True)
        by = request.user

        def write() -> User:
            if "is_active" not in changes:
                return user
            return users.set_active(user=user, active=changes["is_active"], by=by)

        return self.answer(self.body_of(self.write(user, write, rows.lock)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, who: str) -> Response:
        """Delete somebody for good, with the lists that are theirs alone. Staff only."""
        user = self.person("delete")
        self.write(user, lambda: users.delete(user=user, by=request.user), rows.lock)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def end_sessions(self, request: Request, who: str) -> Response:
        """Sign somebody out of every browser and program. Staff only."""
        users.end_sessions(user=self.person("manage"), by=request.user)
        return Response(status=204)


class OneselfViewSet(PersonLook):
    """The person who asks."""

    @extend_schema(responses=Person)
    def retrieve(self, request: Request) -> Response:
        """Your own account."""
        return self.answer(self.body_of(request.user))

    @extend_schema(request=Person, responses=Person)
    def partial_update(self, request: Request) -> Response:
        """Change the name, the time zone, the start of the week, or the theme."""
        user, changes = request.user, Person.read(request, partial=True)
        edit = partial(users.edit_profile, user=user, by=user, **changes)
        return self.answer(self.body_of(self.write(user, edit, rows.lock)))


class StaffWithPermission(BasePermission):
    """Of all people together, whom no QuerySet can answer for one by one."""

    def has_permission(self, request: Request, view: Any) -> bool:  # type: ignore[override]
        ability = "add" if request.method == "POST" else "view"
        return request.user.is_authenticated and request.user.may_with_people(ability)


class PeopleViewSet(PersonLook):
    """Everybody. Staff only."""

    permission_classes = (StaffWithPermission, WithinScope)
    not_by_personal_token = ("create",)
    pagination_class = KeysetPagination

    @extend_schema(parameters=[PeopleQuery], responses=Person(many=True))
    def list(self, request: Request) -> Response:
        """Everybody with an account. Staff only."""
        query = PeopleQuery.of(request)
        found = User.objects.where_user_may(request.user, "view")
        if name := query.get("username"):
            found = found.called(name)
        return listed(request, found, query, fields=FIELDS, shape=person_body)

    @extend_schema(request=Registration, responses={201: Person})
    def create(self, request: Request) -> Response:
        """Open an account for somebody."""
        user = registered(request._request, Registration.read(request), by=request.user)
        where = reverse("api:user", [user.pk], request=request)
        return self.answer(self.body_of(user), 201, where)
