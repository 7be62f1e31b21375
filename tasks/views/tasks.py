from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from ledger.access import fetch
from tasklist.forms import rules_shown_on
from tasklist.messages import report, report_rule
from tasklist.redirects import back
from tasks.actions import labels, moving, tasks
from tasks.forms import MoveForm, NewTaskForm, TaskForm, chosen_list, label_names
from tasks.markdown import rendered
from tasks.models import Task, TaskList
from tasks.rows import task_rows

SUBTASKS_SHOWN = 200


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


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    user = request.user
    task_list = chosen_list(request.POST.get("list") or request.GET.get("list") or "", user)
    initial = {"list": task_list, "due_date": request.GET.get("due_date")}
    form = NewTaskForm(request.POST or None, user=user, task_list=task_list, initial=initial)
    if form.is_valid():
        with rules_shown_on(form):
            task = tasks.create(by=user, **form.place(), **form.facts())
            words = _("“%(task)s” is added.") % {"task": task}
            report(request, words)
            return back(request, "tasks:show", task.pk)
    return form_page(request, form, heading=_("New task"), list=task_list)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    task = fetch(Task.objects.present().select_related("list"), request.user, "edit", pk=pk)
    initial = task.facts() | {"version": task.version, "labels": labels.names_of(task)}
    form = TaskForm(request.POST or None, user=request.user, task_list=task.list, initial=initial)
    if form.is_valid():
        with rules_shown_on(form):
            version = form.version_read()
            tasks.edit(task=task, by=request.user, version=version, **form.facts())
            report(request, _("The task is saved."))
            return redirect("tasks:show", pk)
    return form_page(request, form, heading=_("Edit task"), task=task, list=task.list)


def form_page(
    request: Request, form: TaskForm, list: TaskList | None, **context: Any
) -> HttpResponse:
    context |= {"form": form, "list": list, "known_labels": label_names(list) if list else []}
    return render(request, "tasks/task_form.html", context, status=form.http_status)


@require_POST
def complete(request: Request, pk: int) -> HttpResponse:
    task = tasks.complete(task=editable(request, pk), by=request.user)
    report(request, _("“%(task)s” is done.") % {"task": task})
    return back(request, "tasks:show", pk)


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    task = tasks.reopen(task=editable(request, pk), by=request.user)
    report(request, _("“%(task)s” is open again.") % {"task": task})
    return back(request, "tasks:show", pk)


@require_POST
def move_up(request: Request, pk: int) -> HttpResponse:
    moving.move_up(task=editable(request, pk), by=request.user)
    return back(request, "tasks:show", pk)


@require_POST
def move_down(request: Request, pk: int) -> HttpResponse:
    moving.move_down(task=editable(request, pk), by=request.user)
    return back(request, "tasks:show", pk)


@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """To the end of another list."""
    task = editable(request, pk)
    form = MoveForm(request.POST, user=request.user, task_list=task.list)
    if not form.is_valid():
        report_rule(request, ValidationError(_("Choose a list that you may change.")))
        return back(request, "tasks:show", pk)
    try:
        task = moving.move(task=task, to_list=form.cleaned_data["list"], by=request.user)
        report(request, _("“%(task)s” is now in %(list)s.") % {"task": task, "list": task.list})
    except ValidationError as error:
        report_rule(request, error)
    return back(request, "tasks:show", pk)


@require_POST
def trash(request: Request, pk: int) -> HttpResponse:
    task = tasks.trash(task=editable(request, pk), by=request.user)
    report(request, _("“%(task)s” is in the trash.") % {"task": task})
    gone = reverse("tasks:show", args=[pk])
    return back(request, "lists:show", task.list_id, gone=gone)


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    everything = Task.objects.filter(list__deleted_at=None)
    task = tasks.restore(task=fetch(everything, request.user, "edit", pk=pk), by=request.user)
    report(request, _("“%(task)s” is back.") % {"task": task})
    return back(request, "tasks:show", pk)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """For good, and only out of the trash: the one step that nothing takes back."""
    task = fetch(Task.objects.in_trash(), request.user, "manage", pk=pk)
    try:
        tasks.delete(task=task, by=request.user)
    except ValidationError as error:
        report_rule(request, error)
        return back(request, "trash")
    report(request, _("“%(task)s” is deleted for good.") % {"task": task}, for_good=True)
    return back(request, "trash")


def editable(request: Request, pk: int) -> Task:
    return fetch(Task.objects.present(), request.user, "edit", pk=pk)
