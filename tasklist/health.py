"""`/healthz`: the process lives. `/readyz`: it can do its work."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tasklist.request_id import GetResponse


def health(get_response: GetResponse) -> GetResponse:
    """Answer `/healthz` before anything else runs.

    A load balancer asks with an instance's address as Host, over plain HTTP; and a
    database that is away must not make it kill every instance.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in ("/healthz", "/healthz/"):
            return plain("ok")
        return get_response(request)

    return middleware


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has every migration, else 503 and why."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if lacks_migrations():
            return plain("the database lacks migrations", 503)
    except DatabaseError:
        return plain("the database does not answer", 503)
    return plain("ok")


def plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)


def lacks_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
