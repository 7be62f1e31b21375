from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from ledger.access import fetch
from tasklist.messages import report, rules_reported
from tasklist.pages import Button, Delete, Restore, Trash, form_page, shows_a_form
from tasklist.redirects import back
from tasks.actions import labels, moving, tasks
from tasks.forms import MoveForm, NewTaskForm, TaskForm, chosen_list
from tasks.markdown import rendered
from tasks.models import Task
from tasks.rows import task_rows

SUBTASKS_SHOWN = 200
FORM = "tasks/task_form.html"


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    user = request.user
    task = fetch(
        Task.objects.present().select_related("list", "parent", "created_by"), user, "view", pk=pk
    )
    shown = task_rows(Task.objects.filter(pk=pk), user).rows
    if not shown:  # deleted for good since it was fetched
        raise Http404
    subtasks = Task.objects.filter(parent=task, list=task.list_id, deleted_at=None)
    page = task_rows(subtasks, user, cursor=request.GET.get("after"), limit=SUBTASKS_SHOWN)
    context = {
        "task": task,
        "row": shown[0],
        "description": rendered(task.description),
        "page": page,
        "groups": [{"rows": page.rows}],
        "move_form": MoveForm(user=user, task_list=task.list),
    }
    return render(request, "tasks/task.html", context)


@shows_a_form
def create(request: Request) -> HttpResponse:
    user = request.user
    task_list = chosen_list(request.POST.get("list") or request.GET.get("list") or "", user)
    initial = {"list": task_list, "due_date": request.GET.get("due_date")}
    form = NewTaskForm(request.POST or None, user=user, task_list=task_list, initial=initial)
    words = _("“%(title)s” is added.")
    return form_page(request, form, tasks.create, words, template=FORM, list=task_list)


@shows_a_form
def edit(request: Request, pk: int) -> HttpResponse:
    task = fetch(Task.objects.present().select_related("list"), request.user, "edit", pk=pk)
    initial = task.facts() | {"version": task.version, "labels": labels.names_of(task)}
    form = TaskForm(request.POST or None, user=request.user, task_list=task.list, initial=initial)
    write = partial(tasks.edit, task=task)
    words = _("The task is saved.")
    return form_page(request, form, write, words, template=FORM, task=task, list=task.list)


@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """To the end of another list."""
    task = fetch(Task.objects.present(), request.user, "edit", pk=pk)
    form = MoveForm(request.POST, user=request.user, task_list=task.list)
    with rules_reported(request):
        if not form.is_valid():
            raise ValidationError(_("Choose a list that you may change."))
        task = moving.move(task=task, to_list=form.cleaned_data["list"], by=request.user)
        report(request, _("“%(task)s” is now in %(list)s.") % {"task": task, "list": task.list})
    return back(request, "tasks:show", pk)


PRESENT: dict[str, Any] = {"noun": "task", "rows": Task.objects.present}
complete = Button.as_view(**PRESENT, verb=tasks.complete, words=_("“%(title)s” is done."))
reopen = Button.as_view(**PRESENT, verb=tasks.reopen, words=_("“%(title)s” is open again."))
move_up = Button.as_view(**PRESENT, verb=moving.move_up)
move_down = Button.as_view(**PRESENT, verb=moving.move_down)
trash = Trash.as_view(**PRESENT, verb=tasks.trash)
restore = Restore.as_view(
    noun="task", rows=Task.objects.all, only={"list__deleted_at": None}, verb=tasks.restore
)
delete = Delete.as_view(
    noun="task",
    rows=Task.objects.in_trash,
    ability="manage",
    verb=tasks.delete,
    otherwise="trash",
)
