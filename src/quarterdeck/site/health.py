"""What a load balancer and an orchestrator ask: does the process live, and can it answer people."""

import threading
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse

LIVE, READY = "/health/live", "/health/ready"
# The code of a process does not change, so once the database has caught up it need not be compared again.
CAUGHT_UP = threading.Event()


@login_not_required
def live(request: HttpRequest) -> JsonResponse:
    """The process answers; the database is not asked."""
    return answer({"status": "live"}, 200)


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, can be written to, and has every table this release needs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            reads_only = cursor.fetchone() == ("on",)
        waiting = pending_migrations()
    except Error:
        return answer({"status": "not ready", "reason": "The database does not answer."}, 503)
    if reads_only:
        return answer({"status": "not ready", "reason": "The database can only be read."}, 503)
    if waiting:
        return answer(
            {"status": "not ready", "reason": f"The database lacks {len(waiting)} of this release's migrations."}, 503
        )
    return answer({"status": "ready"}, 200)


def pending_migrations() -> list[str]:
    """Names of migrations this release has and the database does not."""
    if CAUGHT_UP.is_set():
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        CAUGHT_UP.set()
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def first(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware before all others: who asks for health names an address of its own and comes without https."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path == LIVE:
            return live(request)
        if request.path == READY:
            return ready(request)
        return get_response(request)

    return middleware


def answer(facts: dict[str, str], status: int) -> JsonResponse:
    response = JsonResponse(facts, status=status)
    response["Cache-Control"] = "no-store"
    return response
