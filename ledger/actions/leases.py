"""Who does what, among any number of workers on any number of machines."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.utils import timezone

from ledger.actions.action import action
from ledger.models import Lease

HELD = timedelta(seconds=90)  # without being heard of


@action
def renew(*, worker: str, by: models.Model | None) -> None:
    """The worker is alive, and keeps what it holds."""
    until = timezone.now() + HELD
    if not Lease.objects.filter(holder=worker).update(until=until):
        name = f"{Lease.WORKER}{worker}"
        new = Lease(name=name, holder=worker, until=until, due_at=until)
        # The worker's own other thread may be as quick.
        Lease.objects.bulk_create([new], ignore_conflicts=True)


@action
def end(*, worker: str, by: models.Model | None) -> None:
    """The worker is gone: what it held is free."""
    Lease.objects.filter(name=f"{Lease.WORKER}{worker}").delete()
    Lease.objects.filter(holder=worker).update(holder="")


@action
def offer(*, names: Iterable[str], by: models.Model | None) -> None:
    """Timed work that is new here is due at once. Known work is left as it is."""
    now = timezone.now()
    new = set(names) - set(Lease.objects.filter(name__in=names).values_list("name", flat=True))
    Lease.objects.bulk_create(
        [Lease(name=name, until=now, due_at=now) for name in sorted(new)], ignore_conflicts=True
    )


@action
def take(*, name: str, worker: str, by: models.Model | None) -> bool:
    """The timed work is this worker's, if it is still due and nobody's."""
    now = timezone.now()
    due = Lease.objects.due(now).filter(name=name)
    return due.update(holder=worker, until=now + HELD) == 1


@action
def give_back(*, name: str, worker: str, again: timedelta, by: models.Model | None) -> None:
    """Done; it is due again after this time."""
    held = Lease.objects.filter(name=name, holder=worker)
    held.update(holder="", due_at=timezone.now() + again)


@action
def forget_lost(*, by: models.Model | None) -> None:
    """The names of workers that have not been heard of."""
    Lease.objects.lost(timezone.now()).delete()
