"""Pages across all lists: what is on, now and soon."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import Request
from tasks.dates import said
from tasks.models import Task
from tasks.rows import BY_DUE, task_rows


@login_not_required
@require_safe
def home(request: Request) -> HttpResponse:
    """A short landing page for visitors, today for members."""
    return today(request) if request.user.is_authenticated else render(request, "landing.html")


@require_safe
def today(request: Request) -> HttpResponse:
    user = request.user
    tasks = Task.objects.on_agenda_of(user).due_by(user.today())
    page = task_rows(tasks, user, order=BY_DUE, cursor=request.GET.get("after"))
    context = {"page": page, "days": by_day(page.rows, user.today()), "today": user.today()}
    return render(request, "tasks/today.html", context)


@require_safe
def upcoming(request: Request) -> HttpResponse:
    user = request.user
    tasks = Task.objects.on_agenda_of(user).due_after(user.today())
    page = task_rows(tasks, user, order=BY_DUE, cursor=request.GET.get("after"))
    tomorrow = user.today() + timedelta(days=1)
    context = {"page": page, "days": by_day(page.rows, user.today()), "tomorrow": tomorrow}
    return render(request, "tasks/upcoming.html", context)


def by_day(rows: Iterable[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """The rows under a heading a day, everything before today under one."""
    groups = groupby(rows, key=lambda row: heading(row["due_date"], today))
    return [{"heading": words, "rows": list(found)} for words, found in groups]


def heading(day: date, today: date) -> str:
    if day < today:
        return _("Overdue")
    exact = date_format(day, "j F" if day.year == today.year else "j F Y")
    near = (day - today).days < 7
    return f"{said(day, today) if near else date_format(day, 'l')}, {exact}"
