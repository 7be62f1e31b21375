from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from ledger.access import fetch
from tasklist.forms import rules_shown_on
from tasklist.messages import report, report_rule
from tasklist.redirects import back
from tasks.actions import lists, memberships
from tasks.forms import ListForm
from tasks.models import ABILITIES, Membership, Role, Task, TaskList
from tasks.models.lists import MembershipQuerySet, TaskListQuerySet
from tasks.models.tasks import TaskQuerySet
from tasks.rows import task_rows

SHOWN = ("open", "done", "all")


@require_safe
def index(request: Request) -> HttpResponse:
    """All of the person's lists, the archived ones apart."""
    mine = TaskList.objects.present().where_user_may(request.user, "view").filter(inbox_of=None)
    found = mine.with_role_of(request.user).with_open_counts().by_title()
    context = {
        "active": [each for each in found if not each.archived],
        "archived": [each for each in found if each.archived],
    }
    return render(request, "tasks/lists.html", context)


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    found = TaskList.objects.present().with_role_of(request.user)
    return list_page(request, fetch(found, request.user, "view", pk=pk))


@require_safe
def inbox(request: Request) -> HttpResponse:
    """The inbox, also before it exists: it is made when the first task goes into it."""
    found = TaskList.objects.with_role_of(request.user).filter(inbox_of=request.user).first()
    return list_page(request, found or TaskList(inbox_of=request.user))


def list_page(request: Request, task_list: TaskList) -> HttpResponse:
    shown = request.GET.get("show", "open")
    shown = shown if shown in SHOWN else "open"
    role = getattr(task_list, "role", Role.OWNER)  # of an inbox not made yet
    tasks = top_tasks(task_list, shown)
    page = task_rows(tasks, request.user, cursor=request.GET.get("after"))
    people = Membership.objects.none() if task_list.is_inbox else members_of(task_list)
    context = {
        "list": task_list,
        "shown": shown,
        "page": page,
        "groups": [{"rows": page.rows}],
        "members": people,
        "may_leave": any(each.role == Role.OWNER for each in people if each.user != request.user),
    }
    for ability in ("edit", "manage"):
        allowed = ABILITIES[ability].allows(role, archived=task_list.archived)
        context[f"may_{ability}"] = allowed
    return render(request, "tasks/list.html", context)


def members_of(task_list: TaskList) -> MembershipQuerySet:
    return task_list.memberships.select_related("user").order_by("id")


def top_tasks(task_list: TaskList, shown: str) -> TaskQuerySet:
    tasks = Task.objects.filter(list=task_list.pk, parent=None, deleted_at=None)
    return tasks if shown == "all" else tasks.filter(is_open=shown == "open")


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    form = ListForm(request.POST or None)
    if form.is_valid():
        with rules_shown_on(form):
            made = lists.create(
                by=request.user, submission=form.cleaned_data["submission"], **form.facts()
            )
            return redirect("lists:show", made.pk)
    return form_page(request, form, heading=_("New list"))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    task_list = fetch(TaskList.objects.present().filter(inbox_of=None), request.user, "edit", pk=pk)
    form = ListForm(
        request.POST or None, initial=task_list.facts() | {"version": task_list.version}
    )
    if form.is_valid():
        with rules_shown_on(form):
            version = form.version_read()
            lists.edit(task_list=task_list, by=request.user, version=version, **form.facts())
            report(request, _("The list is saved."))
            return redirect("lists:show", pk)
    return form_page(request, form, heading=_("Edit list"), list=task_list)


def form_page(request: Request, form: Any, **context: Any) -> HttpResponse:
    return render(
        request, "tasks/list_form.html", {"form": form, **context}, status=form.http_status
    )


@require_POST
def archive(request: Request, pk: int) -> HttpResponse:
    task_list = lists.archive(task_list=own(request, pk), by=request.user)
    words = _("“%(list)s” is archived.") % {"list": task_list}
    report(request, words)
    return redirect("lists:index")


@require_POST
def unarchive(request: Request, pk: int) -> HttpResponse:
    task_list = lists.unarchive(task_list=own(request, pk), by=request.user)
    words = _("“%(list)s” is active again.") % {"list": task_list}
    report(request, words)
    return back(request, "lists:show", pk)


@require_POST
def trash(request: Request, pk: int) -> HttpResponse:
    task_list = lists.trash(task_list=own(request, pk), by=request.user)
    words = _("“%(list)s” is in the trash.") % {"list": task_list}
    report(request, words)
    return redirect("lists:index")


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    task_list = lists.restore(task_list=own(request, pk, TaskList.objects.all()), by=request.user)
    report(request, _("“%(list)s” is back.") % {"list": task_list})
    return back(request, "lists:show", pk)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """For good, and only out of the trash: the one step that nothing takes back."""
    task_list = own(request, pk, TaskList.objects.in_trash())
    try:
        lists.delete(task_list=task_list, by=request.user)
    except ValidationError as error:
        report_rule(request, error)
        return back(request, "trash")
    report(request, _("“%(list)s” is deleted for good.") % {"list": task_list}, for_good=True)
    return back(request, "trash")


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: Request, pk: int) -> HttpResponse:
    """Take part no more, in the trash either: it counts there as well.

    The only owner stays, and reads what to do instead.
    """
    found = Membership.objects.filter(list__inbox_of=None, user=request.user)
    mine = found.select_related("list")
    membership = fetch(mine, request.user, "end", list=pk)
    refused = ""
    if request.method == "POST":
        try:
            memberships.remove(membership=membership, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            words = _("You have left “%(list)s”.") % {"list": membership.list}
            report(request, words, for_good=True)
            return redirect("trash" if membership.list.deleted_at else "lists:index")
    context = {"list": membership.list, "refused": refused}
    return render(request, "tasks/leave.html", context, status=422 if refused else 200)


def own(request: Request, pk: int, found: TaskListQuerySet | None = None) -> TaskList:
    """A list that the person may manage; never the inbox, which always stays."""
    found = TaskList.objects.present() if found is None else found
    return fetch(found.filter(inbox_of=None), request.user, "manage", pk=pk)
