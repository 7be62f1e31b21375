"""What the ledger has to be tidied of from time to time."""

import logging
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from ledger import housekeeping, trash
from ledger.actions import deliveries, jobs, leases
from ledger.models import Delivery, Lease

logger = logging.getLogger(__name__)

AT_A_TIME = 1_000
KEEP_DELIVERIES = timedelta(days=30)
KEEP_CONTENT = timedelta(days=7)  # of what did not arrive, for whoever sends it again


def register() -> None:
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    housekeeping.register("empty the trash", every=hour, do=trash.empty)
    housekeeping.register("find lost workers", every=minute, do=find_lost_workers)
    housekeeping.register("delete old deliveries", every=hour, do=delete_old_deliveries)
    housekeeping.register("delete expired sessions", every=hour, do=delete_expired_sessions)
    housekeeping.register("delete old results of jobs", every=day, do=delete_old_results)


def find_lost_workers() -> None:
    """What workers have in hand that are not heard of any more, as when their machine is gone."""
    now = timezone.now()
    for worker in sorted(holders() - heard_of(now)):
        logger.warning("worker %s is not heard of any more: others have what it had", worker)
        deliveries.take_from(worker=worker, by=None)
        jobs.take_from(worker=worker, by=None)
    leases.forget_lost(by=None)
    for job in jobs.give_up_stranded(by=None):
        logger.error("job %d was done by nobody any more: its person may ask again", job)


def holders() -> set[str]:
    held = (Delivery.State.CLAIMED, Delivery.State.HANDED_OVER)
    senders = Delivery.objects.filter(state__in=held).values_list("worker", flat=True)
    doers = DBTaskResult.objects.running().values_list("worker_ids", flat=True)
    return {*senders, *(workers[-1] for workers in doers if workers)}


def heard_of(now: datetime) -> set[str]:
    return set(Lease.objects.of_workers(now).values_list("holder", flat=True))


def delete_old_deliveries() -> None:
    now = timezone.now()
    deliveries.erase(before=now - KEEP_CONTENT, by=None)
    while deliveries.prune(before=now - KEEP_DELIVERIES, number=AT_A_TIME, by=None) == AT_A_TIME:
        pass


def delete_expired_sessions() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def delete_old_results() -> None:
    call_command("prune_db_task_results", queue_name="*", verbosity=0)
