"""Lists by the API."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.requests import Request
from ledger.access import fetch
from ledger.actions import rows
from tasklist.rest.paging import KeysetPagination, listed
from tasklist.rest.serializers import Deletion, Nothing
from tasklist.rest.views import SingleViewSet
from tasks.actions import lists
from tasks.api import serializers
from tasks.api.bodies import LIST_FIELDS, list_body, one_list
from tasks.api.queries import ListQuery, TaskQuery
from tasks.api.tasks import tasks_answer
from tasks.models import Task, TaskList
from tasks.models.access import OWNERS_FIELDS
from tasks.models.lists import TaskListQuerySet


class ListViewSet(SingleViewSet):
    """The lists that the person takes part in."""

    request: Request
    asks = ("list", "tasks", "destroy")
    about_several = ("list", "create", "tasks")
    pagination_class = KeysetPagination

    def body_of(self, row: TaskList) -> Mapping[str, Any]:
        return one_list(row.pk, self.request.user)

    def task_list(self, ability: str, among: TaskListQuerySet | None = None) -> TaskList:
        among = TaskList.objects.present() if among is None else among
        return fetch(among, self.request.user, ability, pk=self.kwargs["pk"])

    @extend_schema(parameters=[ListQuery], responses=serializers.TaskList(many=True))
    def list(self, request: Request) -> Response:
        """The lists you take part in, your inbox among them once it has held a task."""
        query = ListQuery.of(request)
        found = TaskList.objects.in_trash() if query["deleted"] else TaskList.objects.present()
        if "archived" in query:
            found = found.filter(archived=query["archived"])
        mine = found.where_user_may(request.user, "view").with_role_of(request.user)
        return listed(request, mine, query, fields=LIST_FIELDS, shape=list_body)

    @extend_schema(request=serializers.TaskList, responses={201: serializers.TaskList})
    def create(self, request: Request) -> Response:
        """Make a list, which you own."""
        made = lists.create(by=request.user, **serializers.TaskList.read(request))
        where = reverse("api:list", [made.pk], request=request)
        return self.answer(self.body_of(made), 201, where)

    @extend_schema(responses=serializers.TaskList)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One list, unless it is in the trash."""
        return self.answer(self.body_of(self.task_list("view")))

    @extend_schema(request=serializers.TaskList, responses=serializers.TaskList)
    def update(self, request: Request, pk: int) -> Response:
        """Write every field; those left out are reset."""
        return self.edit(serializers.TaskList.read(request))

    @extend_schema(request=serializers.TaskList, responses=serializers.TaskList)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Write the fields that are named, and no other. Archiving is the owner's."""
        return self.edit(serializers.TaskList.read(request, partial=True))

    @extend_schema(parameters=[Deletion], responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Into the trash with all its tasks; with `permanent=true` for good. The owner's."""
        if Deletion.of(request)["permanent"]:
            self.act(lists.delete, self.task_list("manage", TaskList.objects.all()))
        else:
            self.act(lists.trash, self.task_list("manage"))
        return Response(status=204)

    @extend_schema(request=None, responses=serializers.TaskList)
    def restore(self, request: Request, pk: int) -> Response:
        """Out of the trash, with all its tasks. The owner's."""
        Nothing.read(request)
        restored = self.act(lists.restore, self.task_list("manage", TaskList.objects.all()))
        return self.answer(self.body_of(restored))

    @extend_schema(parameters=[TaskQuery], responses=serializers.Task(many=True))
    def tasks(self, request: Request, pk: int) -> Response:
        """The tasks of the list, subtasks among them (`parent=none` leaves them out)."""
        visible = Task.objects.where_user_may(request.user, "view").filter(list=pk)
        response = tasks_answer(request, visible)
        if not response.data["results"]:
            self.task_list("view")  # an empty page needs this statement more to be a 404
        return response

    def edit(self, changes: dict[str, Any]) -> Response:
        task_list = self.task_list(ability_for(changes, self.task_list("view")))
        return self.answer(self.body_of(self.act(lists.edit, task_list, **changes)))

    def act(self, verb: Callable[..., Any], task_list: TaskList, **facts: Any) -> Any:
        then = partial(verb, task_list=task_list, by=self.request.user, **facts)
        return self.write(task_list, then, rows.lock)


def ability_for(changes: Mapping[str, Any], task_list: TaskList) -> str:
    """Archiving is the owner's; an archived list takes from them what leaves it as it is."""
    changed = {name for name, value in changes.items() if getattr(task_list, name) != value}
    if OWNERS_FIELDS & changed or (task_list.archived and not changed):
        return "manage"
    return "edit"
