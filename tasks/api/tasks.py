"""Tasks by the API: find, act, answer."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.requests import Request
from accounts.models import User
from ledger.access import fetch
from tasklist.rest.paging import answer
from tasklist.rest.resources import ResourceViewSet
from tasklist.rest.serializers import Nothing
from tasks.actions import moving, tasks
from tasks.actions.placing import locked
from tasks.api import serializers
from tasks.api.bodies import one_task, task_body, task_page
from tasks.api.queries import TaskQuery, asked_for, order_of
from tasks.models import Status, Task, TaskList
from tasks.models.tasks import TaskQuerySet


@extend_schema_view(
    update=extend_schema(
        description="Write every field; those left out are reset. Its place changes by `move`."
    ),
    destroy=extend_schema(
        description="Into the trash; with `permanent=true`, which is the owner's, for good."
    ),
    restore=extend_schema(
        description="Out of the trash, with the subtasks that were thrown away with it."
    ),
)
class TaskViewSet(ResourceViewSet):
    """Tasks in every list that the person takes part in."""

    request: Request
    model, verbs, noun = Task, tasks, "task"
    serializer_class = serializers.Task
    abilities = {"delete": "manage"}

    def body(self, found: TaskQuerySet) -> Mapping[str, Any]:
        if task := one_task(found):
            return task
        raise Http404

    def lock(self, row: Task) -> Task:
        return locked(row)

    def named(self) -> TaskQuerySet:
        """Not in a list that is in the trash itself: that has to come back first."""
        found = Task.objects.filter(list__deleted_at=None, pk=self.kwargs["pk"])
        return found.select_related("list")

    @extend_schema(parameters=[TaskQuery])
    def list(self, request: Request) -> Response:
        """Tasks of all lists, or of one; those in the trash only when asked for."""
        return tasks_answer(request, Task.objects.where_user_may(request.user, "view"))

    def create(self, request: Request) -> Response:
        """Add a task at the end of a list, or of a task's subtasks."""
        facts = serializers.Task.read(request)
        parent = parent_named(facts.pop("parent", None), request.user)
        task_list = list_named(facts.pop("list", None), request.user)
        if parent and not task_list:
            task_list = parent.list
        changes = changes_of(facts, members(task_list, request.user))
        return self.created(
            tasks.create(by=request.user, task_list=task_list, parent=parent, **changes)
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: int) -> Response:
        """Mark the task done, and what is open below it. Done already, it stays as it is."""
        return self.simply(tasks.complete)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """Make it one to do again, and what it is part of."""
        return self.simply(tasks.reopen)

    @extend_schema(request=serializers.Move)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """To another list, below another task, or before another one."""
        task = self.present("edit")
        place = place_of(serializers.Move.read(request), task, request.user)
        return self.done(moving.move, task, **place)

    def edit(self, *, partial: bool) -> Response:
        facts = serializers.Task.read(self.request, partial=partial)
        task = self.present("edit")
        refuse_another_place(facts, task)
        changes = changes_of(facts, members(task.list, self.request.user), task)
        return self.done(tasks.edit, task, **changes)

    def simply(self, verb: Callable[..., Task]) -> Response:
        """A verb that takes no more facts."""
        task = self.present("edit")
        Nothing.read(self.request)
        return self.done(verb, task)


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
