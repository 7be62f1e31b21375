"""Who takes part in a list, by the API."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.requests import Request
from accounts.models import User
from ledger.access import fetch
from tasklist.rest.paging import KeysetPagination, PageQuery, listed
from tasklist.rest.views import SingleViewSet
from tasks.actions import memberships
from tasks.api import serializers
from tasks.api.bodies import MEMBER_FIELDS, member_body
from tasks.models import Membership, TaskList
from tasks.models.lists import MembershipQuerySet


class MemberViewSet(SingleViewSet):
    """Who takes part in a list. Everybody there sees it, the owner changes it."""

    request: Request
    model, noun = Membership, "membership"
    fields, shape = MEMBER_FIELDS, staticmethod(member_body)
    lookup_url_kwarg, lookup_value_converter = "user", "int"
    pagination_class = KeysetPagination

    def task_list(self, ability: str) -> TaskList:
        return fetch(TaskList.objects.present(), self.request.user, ability, pk=self.kwargs["pk"])

    def members(self) -> MembershipQuerySet:
        return Membership.objects.filter(list=self.task_list("view"))

    def membership(self, ability: str) -> Membership:
        return self.one_of(self.members(), ability)

    def one_of(self, members: MembershipQuerySet, ability: str) -> Membership:
        found = members.select_related("list", "user")
        return fetch(found, self.request.user, ability, user_id=self.kwargs["user"])

    def lock(self, row: Membership) -> Membership:
        return memberships.locked(row)

    @extend_schema(parameters=[PageQuery], responses=serializers.Member(many=True))
    def list(self, request: Request, pk: int) -> Response:
        """Who takes part in the list."""
        query = PageQuery.of(request)
        return listed(request, self.members(), query, fields=MEMBER_FIELDS, shape=member_body)

    @extend_schema(request=serializers.NewMember, responses={201: serializers.Member})
    def create(self, request: Request, pk: int) -> Response:
        """Let somebody take part. To change a role is a PATCH."""
        task_list = self.task_list("manage")
        wanted = serializers.NewMember.read(request)
        made = memberships.add(
            task_list=task_list,
            user=person_named(wanted["user"]),
            role=wanted["role"],
            by=request.user,
        )
        where = reverse("api:member", [pk, made.user_id], request=request)
        return self.answer(self.body_of(made), 201, where)

    @extend_schema(responses=serializers.Member)
    def retrieve(self, request: Request, pk: int, user: int) -> Response:
        """One member, and their role."""
        return self.answer(self.body_of(self.membership("view")))

    @extend_schema(request=serializers.Member, responses=serializers.Member)
    def partial_update(self, request: Request, pk: int, user: int) -> Response:
        """Give somebody another role. The owner's; a list always keeps one owner."""
        membership = self.membership("manage")
        wanted = serializers.Member.read(request, partial=True)

        def change() -> Membership:
            if not wanted:
                return membership
            return memberships.change_role(membership=membership, by=request.user, **wanted)

        return self.answer(self.body_of(self.write(membership, change, self.lock)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int, user: int) -> Response:
        """Somebody takes part no more: the owner says so, or they leave by themselves.

        A list in the trash can only be left.
        """
        if self.kwargs["user"] == request.user.pk:
            mine = Membership.objects.filter(list=pk, user=request.user)
            membership = self.one_of(mine, "end")
        else:
            membership = self.membership("end")
        self.act(memberships.remove, membership)
        return Response(status=204)


def person_named(who: int | str) -> User:
    """Somebody by id or username. Raises ValidationError."""
    if found := User.objects.named(str(who)).filter(is_active=True).first():
        return found
    raise ValidationError({"user": _("There is nobody of this name.")}, code="unknown")
