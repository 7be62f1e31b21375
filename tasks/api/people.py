"""What becomes of lists and tasks of one person, and which they are, by the API."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.actions import users
from accounts.api.requests import Request
from accounts.api.serializers import Closing, OwnPassword
from accounts.models import User
from accounts.reauthentication.password import refuse_wrong_password
from ledger.access import fetch
from tasklist.rest.paging import KeysetPagination
from tasklist.rest.views import ApiViewSet
from tasks.actions import handing_over
from tasks.api import serializers
from tasks.api.queries import TaskQuery
from tasks.api.tasks import tasks_answer
from tasks.models import Task


class PersonsTasksViewSet(ApiViewSet):
    """What is in the lists that somebody owns: for themselves, and for staff."""

    pagination_class = KeysetPagination

    @extend_schema(parameters=[TaskQuery], responses=serializers.Task(many=True))
    def list(self, request: Request, who: str) -> Response:
        """What is in the lists that somebody owns. A look by staff is recorded."""
        person = self.person(who, request.user)
        response = tasks_answer(request, Task.objects.where_user_may(person, "manage"))
        if person != request.user:
            users.note_look(user=person, at="tasks", by=request.user)
        return response

    def person(self, who: str, user: User) -> User:
        return user if who == "me" else fetch(User.objects.named(who), user, "see tasks")


class ClosingViewSet(ApiViewSet):
    """Not with a token that a script keeps: whoever closes an account is there, with a password."""

    request: Request
    not_by_personal_token = ("close",)

    @extend_schema(request=OwnPassword, responses={202: Closing})
    def close(self, request: Request) -> Response:
        """Close your account: it is deleted after 14 days.

        Every session and token ends at once. Until then you can take it back: sign in on the
        page. Lists that others share get the editor who has been there longest as their owner,
        who is told, and may leave the list before.
        """
        password = OwnPassword.read(request)["password"]
        refuse_wrong_password(request, request.user, password)
        user = handing_over.close_account(user=request.user, heirs={}, by=request.user)
        return Response({"closes_at": user.closes_at}, 202)
