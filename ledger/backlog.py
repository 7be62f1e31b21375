"""What waits for the workers, and whether there are any: for whoever runs the site.

Nothing here says whom a mail is for, or what is in it.
"""

from datetime import datetime, timedelta

from django.db.models import Min
from django_tasks_db.models import DBTaskResult

from ledger.housekeeping import chores
from ledger.models import Delivery, Lease

TOO_LONG = timedelta(hours=1)  # a mail server that has one try again later is heeded by then
LATE = timedelta(minutes=15)  # of timed work; what failed is tried again after ten


def waited(now: datetime) -> timedelta:
    """How long the mail, or the job, has waited that waits longest; no time where none does."""
    jobs = DBTaskResult.objects.ready().aggregate(since=Min("enqueued_at"))["since"]
    mail = Delivery.objects.not_out_yet().first()
    since = [each for each in (jobs, mail and mail.since) if each]
    return max(now - min(since), timedelta()) if since else timedelta()


def overdue(now: datetime) -> list[Lease]:
    """Timed work that somebody should have done, what is due longest first."""
    late = Lease.objects.due(now).filter(name__in=chores, due_at__lt=now - LATE)
    return list(late.order_by("due_at"))
