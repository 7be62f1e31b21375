"""The tasks of one person, by the API."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.access import fetch
from accounts.actions import users
from accounts.api.requests import Request
from accounts.models import User
from tasklist.rest.paging import KeysetPagination
from tasklist.rest.views import ApiViewSet
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
