"""Lists by the API."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.requests import Request
from tasklist.rest.resources import ResourceViewSet
from tasks.actions import lists
from tasks.api import serializers
from tasks.api.bodies import LIST_FIELDS, list_body
from tasks.api.queries import ListQuery, TaskQuery
from tasks.api.tasks import tasks_answer
from tasks.models import Task, TaskList
from tasks.models.access import OWNERS_FIELDS
from tasks.models.lists import TaskListQuerySet


@extend_schema_view(
    create=extend_schema(description="Make a list, which you own."),
    partial_update=extend_schema(
        description="Write the fields that are named, and no other. Archiving is the owner's."
    ),
    destroy=extend_schema(
        description="Into the trash with all its tasks; with `permanent=true` for good."
        " The owner's."
    ),
    restore=extend_schema(description="Out of the trash, with all its tasks. The owner's."),
)
class ListViewSet(ResourceViewSet):
    """The lists that the person takes part in."""

    request: Request
    model, verbs, noun = TaskList, lists, "task_list"
    serializer_class = serializers.TaskList
    fields, shape = LIST_FIELDS, staticmethod(list_body)
    abilities = {"trash": "manage", "restore": "manage", "delete": "manage"}
    asks = ("list", "tasks", "destroy")
    about_several = ("list", "create", "tasks")

    def body(self, found: TaskListQuerySet) -> Mapping[str, Any]:
        return super().body(found.with_role_of(self.request.user))

    @extend_schema(parameters=[ListQuery])
    def list(self, request: Request) -> Response:
        """The lists you take part in, your inbox among them once it has held a task."""
        query = ListQuery.of(request)
        found = TaskList.objects.with_role_of(request.user)
        if "archived" in query:
            found = found.filter(archived=query["archived"])
        return self.page(found, query)

    @extend_schema(parameters=[TaskQuery], responses=serializers.Task(many=True))
    @action(detail=True)
    def tasks(self, request: Request, pk: int) -> Response:
        """The tasks of the list, subtasks among them (`parent=none` leaves them out)."""
        visible = Task.objects.where_user_may(request.user, "view").filter(list=pk)
        response = tasks_answer(request, visible)
        if not response.data["results"]:
            self.present("view")  # an empty page needs this statement more to be a 404
        return response

    def edit(self, *, partial: bool) -> Response:
        changes = serializers.TaskList.read(self.request, partial=partial)
        needed = ability_for(changes, self.present("view"))
        return self.done(lists.edit, self.present(needed), **changes)


def ability_for(changes: Mapping[str, Any], task_list: TaskList) -> str:
    """Archiving is the owner's; an archived list takes from them what leaves it as it is."""
    changed = {name for name, value in changes.items() if getattr(task_list, name) != value}
    if OWNERS_FIELDS & changed or (task_list.archived and not changed):
        return "manage"
    return "edit"
