from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from ledger import backlog
from ledger.models import Delivery, Lease
from ledger.worker.verdicts import nameless

LATELY = timedelta(days=1)


class Command(BaseCommand):
    help = (
        "Says which workers are alive, and which mails, jobs and timed work wait for one, without "
        "names of people. Its exit status is 1 where that is not as it should be."
    )

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        for lines in (workers(now), mails(now), jobs(now), timed_work(now)):
            for line in lines:
                self.stdout.write(line)
        if is_stuck(now):
            raise SystemExit(1)


def is_stuck(now: datetime) -> bool:
    nobody = not Lease.objects.of_workers(now).exists()
    return nobody or backlog.waited(now) > backlog.TOO_LONG or bool(backlog.overdue(now))


def workers(now: datetime) -> Iterator[str]:
    alive = list(Lease.objects.of_workers(now).values_list("holder", flat=True))
    yield f"workers alive: {', '.join(alive) or 'none, start one: manage.py worker'}"


def mails(now: datetime) -> Iterator[str]:
    waiting = Delivery.objects.not_out_yet()
    yield f"mails that wait: {waiting.count()}"
    if longest := waiting.first():
        yield f"  longest, for {span(now - longest.since)}: {facts(longest)}"
        yield f"  the next try: {longest.due_at:%Y-%m-%d %H:%M:%S} UTC"
    lost = Delivery.objects.not_arrived(now - LATELY)
    yield f"mails of the last day that were given up, or that nobody knows of: {lost.count()}"
    last = lost.first()
    if last and last.ended_at:
        yield f"  the last, {span(now - last.ended_at)} ago: {facts(last)}"


def facts(delivery: Delivery) -> str:
    tried = f"number {delivery.pk}, {delivery.kind}, {delivery.state}, tried {delivery.attempts}×"
    return f"{tried}: {nameless(delivery.result)}" if delivery.result else tried


def jobs(now: datetime) -> Iterator[str]:
    ready = DBTaskResult.objects.ready().order_by("enqueued_at")
    yield f"jobs that wait: {ready.count()}, in hand: {DBTaskResult.objects.running().count()}"
    if longest := ready.first():
        yield f"  longest, for {span(now - longest.enqueued_at)}"


def timed_work(now: datetime) -> Iterator[str]:
    late = backlog.overdue(now)
    yield f"timed work that is late: {len(late)}"
    for lease in late:
        yield f"  {lease.name}, for {span(now - lease.due_at)}"


def span(time: timedelta) -> str:
    """Whole seconds, as `1 day, 2:03:04`."""
    return str(timedelta(seconds=round(time.total_seconds())))
