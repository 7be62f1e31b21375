from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.requests import Request
from ledger.access import fetch
from tasklist.messages import report
from tasklist.pages import Button, Delete, Restore, Trash, form_page, shows_a_form
from tasks.actions import lists, memberships
from tasks.forms import ListForm
from tasks.models import ABILITIES, Membership, Role, Task, TaskList
from tasks.models.lists import MembershipQuerySet
from tasks.models.tasks import TaskQuerySet
from tasks.rows import task_rows

SHOWN = ("open", "done", "all")
FORM = "tasks/list_form.html"


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


@shows_a_form
def create(request: Request) -> HttpResponse:
    form = ListForm(request.POST or None)
    return form_page(request, form, lists.create, template=FORM)


@shows_a_form
def edit(request: Request, pk: int) -> HttpResponse:
    task_list = fetch(TaskList.objects.present().filter(inbox_of=None), request.user, "edit", pk=pk)
    form = ListForm(request.POST or None, instance=task_list)
    write = partial(lists.edit, task_list=task_list)
    words = _("The list is saved.")
    return form_page(request, form, write, words, template=FORM, list=task_list)


OWN: dict[str, Any] = {  # what somebody may manage; never the inbox, which always stays
    "noun": "task_list",
    "ability": "manage",
    "only": {"inbox_of": None},
}
archive = Button.as_view(
    **OWN,
    rows=TaskList.objects.present,
    verb=lists.archive,
    words=_("“%(title)s” is archived."),
    otherwise="lists:index",
)
unarchive = Button.as_view(
    **OWN,
    rows=TaskList.objects.present,
    verb=lists.unarchive,
    words=_("“%(title)s” is active again."),
)
trash = Trash.as_view(
    **OWN, rows=TaskList.objects.present, verb=lists.trash, otherwise="lists:index"
)
restore = Restore.as_view(**OWN, rows=TaskList.objects.all, verb=lists.restore)
delete = Delete.as_view(**OWN, rows=TaskList.objects.in_trash, verb=lists.delete, otherwise="trash")


@shows_a_form
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
