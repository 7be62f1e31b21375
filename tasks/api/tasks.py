"""Tasks by the API: find, act, answer."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.requests import Request
from accounts.models import User
from ledger.access import fetch
from tasklist.rest.paging import KeysetPagination, answer
from tasklist.rest.serializers import Deletion, Nothing
from tasklist.rest.views import SingleViewSet
from tasks.actions import moving, tasks
from tasks.actions.placing import locked
from tasks.api import serializers
from tasks.api.bodies import one_task, task_body, task_page
from tasks.api.queries import TaskQuery, asked_for, order_of
from tasks.models import Status, Task, TaskList
from tasks.models.tasks import TaskQuerySet


class TaskViewSet(SingleViewSet):
    """Tasks in every list that the person takes part in."""

    request: Request
    asks = ("list", "destroy")
    pagination_class = KeysetPagination

    def body_of(self, row: Task) -> Mapping[str, Any]:
        return there(one_task(Task.objects.filter(pk=row.pk)))

    def task(self, ability: str, among: TaskQuerySet | None = None) -> Task:
        among = Task.objects.present() if among is None else among
        return fetch(among.select_related("list"), self.request.user, ability, pk=self.kwargs["pk"])

    @extend_schema(parameters=[TaskQuery], responses=serializers.Task(many=True))
    def list(self, request: Request) -> Response:
        """Tasks of all lists, or of one; those in the trash only when asked for."""
        return tasks_answer(request, Task.objects.where_user_may(request.user, "view"))

    @extend_schema(request=serializers.Task, responses={201: serializers.Task})
    def create(self, request: Request) -> Response:
        """Add a task at the end of a list, or of a task's subtasks."""
        facts = serializers.Task.read(request)
        parent = parent_named(facts.pop("parent", None), request.user)
        task_list = list_named(facts.pop("list", None), request.user)
        if parent and not task_list:
            task_list = parent.list
        changes = changes_of(facts, members(task_list, request.user))
        task = tasks.create(by=request.user, task_list=task_list, parent=parent, **changes)
        where = reverse("api:task", [task.pk], request=request)
        return self.answer(self.body_of(task), 201, where)

    @extend_schema(responses=serializers.Task)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One task, unless it is in the trash."""
        visible = Task.objects.present().where_user_may(request.user, "view")
        return self.answer(there(one_task(visible.filter(pk=pk))))

    @extend_schema(request=serializers.Task, responses=serializers.Task)
    def update(self, request: Request, pk: int) -> Response:
        """Write every field; those left out are reset. Its place changes by `move`."""
        return self.edit(serializers.Task.read(request))

    @extend_schema(request=serializers.Task, responses=serializers.Task)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Write the fields that are named, and no other."""
        return self.edit(serializers.Task.read(request, partial=True))

    @extend_schema(parameters=[Deletion], responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Into the trash; with `permanent=true`, which is the owner's, for good."""
        if Deletion.of(request)["permanent"]:
            return self.gone(tasks.delete, self.task("manage", also_in_trash()))
        return self.gone(tasks.trash, self.task("edit"))

    @extend_schema(request=None, responses=serializers.Task)
    def complete(self, request: Request, pk: int) -> Response:
        """Mark the task done, and what is open below it. Done already, it stays as it is."""
        return self.act(tasks.complete, self.task("edit"))

    @extend_schema(request=None, responses=serializers.Task)
    def reopen(self, request: Request, pk: int) -> Response:
        """Make it one to do again, and what it is part of."""
        return self.act(tasks.reopen, self.task("edit"))

    @extend_schema(request=None, responses=serializers.Task)
    def restore(self, request: Request, pk: int) -> Response:
        """Out of the trash, with the subtasks that were thrown away with it."""
        return self.act(tasks.restore, self.task("edit", also_in_trash()))

    @extend_schema(request=serializers.Move, responses=serializers.Task)
    def move(self, request: Request, pk: int) -> Response:
        """To another list, below another task, or before another one."""
        task = self.task("edit")
        place = place_of(serializers.Move.read(request), task, request.user)
        move = partial(moving.move, task=task, by=request.user, **place)
        return self.answer(self.body_of(self.write(task, move, locked)))

    def edit(self, facts: dict[str, Any]) -> Response:
        task = self.task("edit")
        refuse_another_place(facts, task)
        changes = changes_of(facts, members(task.list, self.request.user), task)
        edit = partial(tasks.edit, task=task, by=self.request.user, **changes)
        return self.answer(self.body_of(self.write(task, edit, locked)))

    def act(self, verb: Callable[..., Task], task: Task) -> Response:
        Nothing.read(self.request)
        done = self.write(task, partial(verb, task=task, by=self.request.user), locked)
        return self.answer(self.body_of(done))

    def gone(self, verb: Callable[..., Any], task: Task) -> Response:
        self.write(task, partial(verb, task=task, by=self.request.user), locked)
        return Response(status=204)


def tasks_answer(request: Request, found: TaskQuerySet) -> Response:
    """A page of those that the address asks for."""
    query = TaskQuery.of(request)
    page = task_page(
        asked_for(found, query, request.user),
        order=order_of(query),
        cursor=query.get("cursor"),
        limit=query["limit"],
    )
    return answer(request, page, task_body)


def there(body: dict[str, Any] | None) -> dict[str, Any]:
    if body is None:
        raise Http404
    return body


def also_in_trash() -> TaskQuerySet:
    """Not in a list that is in the trash itself: that has to come back first."""
    return Task.objects.filter(list__deleted_at=None)


def changes_of(
    facts: dict[str, Any], people: QuerySet[User], task: Task | None = None
) -> dict[str, Any]:
    """A body as the action takes it. Raises ValidationError for an assignee not among `people`."""
    changes = dict(facts)
    if (completed := changes.pop("completed", None)) is True:
        changes["status"] = Status.DONE
    elif completed is False and task and task.status == Status.DONE:
        changes.setdefault("status", Status.PENDING)
    if "time_zone" in changes:
        changes["time_zone"] = changes["time_zone"] or ""
    if changes.get("assignee"):
        changes["assignee"] = member(changes["assignee"], people)
    return changes


def member(pk: int, people: QuerySet[User]) -> User:
    if found := people.filter(pk=pk).first():
        return found
    message = _("Nobody with this id takes part in the list.")
    raise ValidationError({"assignee": message}, code="no_member")


def members(task_list: TaskList | None, user: User) -> QuerySet[User]:
    """Who takes part: in an inbox that is not made yet, the person alone."""
    if task_list is None:
        return User.objects.filter(pk=user.pk)
    return User.objects.filter(memberships__list=task_list)


def list_named(pk: int | None, user: User) -> TaskList | None:
    """The list that a body names, if the person may add to it.

    Raises ValidationError where there is none that they may see.
    """
    if pk is None:
        return None
    try:
        return fetch(TaskList.objects.present(), user, "edit", pk=pk)
    except Http404 as error:
        raise ValidationError({"list": _("There is no such list.")}, code="unknown") from error


def parent_named(pk: int | None, user: User, field: str = "parent") -> Task | None:
    """The same for a task that another one is to be part of."""
    if pk is None:
        return None
    try:
        return fetch(Task.objects.present().select_related("list"), user, "edit", pk=pk)
    except Http404 as error:
        raise ValidationError({field: _("There is no such task.")}, code="unknown") from error


def refuse_another_place(facts: dict[str, Any], task: Task) -> None:
    """A body that names another list or parent means to move the task; that is another verb."""
    for name, now in (("list", task.list_id), ("parent", task.parent_id)):
        if name in facts and facts.pop(name) != now:
            message = _("A task gets there by POST tasks/%(id)d/move.") % {"id": task.pk}
            raise ValidationError({name: message}, code="use_move")


def place_of(wanted: dict[str, Any], task: Task, user: User) -> dict[str, Any]:
    """Where a Move leads to, as the action takes it. Raises ValidationError, PermissionDenied."""
    before = parent_named(wanted.get("before"), user, "before")
    target = target_of(wanted.get("list"), task, user)
    if "parent" in wanted:
        parent = parent_named(wanted["parent"], user)
    elif before:
        parent = before.parent
    else:
        parent = None if target else task.parent
    if "before" not in wanted and not target and parent == task.parent:
        before = task  # right before itself: it stays where it is
    return {"to_list": target, "parent": parent, "before": before}


def target_of(pk: int | None, task: Task, user: User) -> TaskList | None:
    if pk is None or pk == task.list_id:
        return None
    list_named(pk, user)
    allowed = TaskList.objects.active().where_user_may_move(user, task.list)
    if target := allowed.filter(pk=pk).first():
        return target
    raise PermissionDenied(_("Only the owner of its list may take the task there."))
