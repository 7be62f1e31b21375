from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from tasks.models import Task, TaskList
from tasks.rows import task_rows


@require_safe
def index(request: Request) -> HttpResponse:
    """What was thrown away: lists, which their owner brings back and others leave, and tasks."""
    user = request.user
    lists = TaskList.objects.in_trash().where_user_may(user, "view").with_role_of(user).by_title()
    tasks = Task.objects.in_trash().where_user_may(user, "edit")
    page = task_rows(tasks, user, order=("-deleted_at", "-id"), cursor=request.GET.get("after"))
    return render(
        request, "tasks/trash.html", {"lists": lists, "page": page, "groups": [{"rows": page.rows}]}
    )
