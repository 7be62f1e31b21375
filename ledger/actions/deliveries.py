"""What leaves the house: planned in the transaction that wants it, sent by a worker.

Every step from hand to hand asks for the state it expects, so that a worker that was thought
lost, and comes back, takes nothing out of another's hands.
"""

import json
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.action import action
from ledger.models import Delivery
from ledger.sealing import seal

State = Delivery.State
RETRIES = (  # after how long it is tried again, and again
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
LONGEST_REASON = 500
# Once it is out. Where it went is forgotten, too, where it is nobody's: they may have left.
SAID = {
    "sealed": "",
    "recipient": Case(
        When(user=None, then=Value("")),
        default=F("recipient"),
        output_field=models.CharField(),
    ),
}
SEALED_FOR = "a delivery"


@action
def plan(
    *,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    kind: str,
    user: models.Model | None = None,
    by: models.Model | None,
) -> Delivery:
    """A mail that goes out when, and only if, the caller's transaction is committed.

    `kind` says what it is about (`account/email/login_code`), `user` is whose it is: it goes
    with them. Raises ValidationError where `recipient` is no e-mail address.
    """
    said = {"subject": " ".join(subject.split()), "text": text, "html": html}
    delivery = Delivery(
        channel=Delivery.Channel.MAIL,
        kind=kind,
        recipient=recipient,
        user_id=user.pk if user else None,
        sealed=seal(json.dumps(said), purpose=SEALED_FOR),
    )
    delivery.clean_fields(exclude=["user", "ended_at"])
    delivery.save(force_insert=True)
    return delivery


@action
def claim(*, worker: str, number: int, by: models.Model | None) -> list[Delivery]:
    """Up to this many that are due, nobody else's from now on. Passes over what others claim."""
    due = Delivery.objects.due(timezone.now()).select_for_update(skip_locked=True)
    claimed = list(due[:number])
    Delivery.objects.filter(pk__in=[each.pk for each in claimed]).update(
        state=State.CLAIMED, worker=worker
    )
    return claimed


@action
def hand_over(*, delivery: Delivery, worker: str, by: models.Model | None) -> bool:
    """Note that from now on it may arrive. False where another worker has got it meanwhile."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=State.CLAIMED, worker=worker)
    return mine.update(state=State.HANDED_OVER, attempts=delivery.attempts + 1) == 1


@action
def sent(*, delivery: Delivery, worker: str, result: str, by: models.Model | None) -> None:
    """It is out, and what it said is erased."""
    held(delivery, worker).update(
        **SAID, state=State.SENT, worker="", ended_at=timezone.now(), result=short(result)
    )


@action
def refused(
    *, delivery: Delivery, worker: str, reason: str, for_good: bool, by: models.Model | None
) -> None:
    """It was certainly not accepted: tried again later, unless that is for good."""
    attempts = delivery.attempts + 1
    if for_good or attempts > len(RETRIES):
        changes = {"state": State.FAILED, "ended_at": timezone.now()}
    else:
        changes = {"state": State.PLANNED, "due_at": timezone.now() + RETRIES[attempts - 1]}
    held(delivery, worker).update(**changes, attempts=attempts, worker="", result=short(reason))


@action
def lost_sight(*, delivery: Delivery, worker: str, reason: str, by: models.Model | None) -> None:
    """It may have arrived, or not: never sent a second time but by somebody who decides so."""
    held(delivery, worker).update(
        state=State.UNKNOWN, worker="", ended_at=timezone.now(), result=short(reason)
    )


@action
def give_back(*, worker: str, by: models.Model | None) -> None:
    """What the worker claimed and has not begun: somebody else's now."""
    claimed = Delivery.objects.held_by(worker).filter(state=State.CLAIMED)
    claimed.update(state=State.PLANNED, worker="")


@action
def take_from(*, worker: str, by: models.Model | None) -> None:
    """Of a worker that was lost without a trace: what it was handing over, nobody knows."""
    give_back(worker=worker, by=by)
    Delivery.objects.held_by(worker).filter(state=State.HANDED_OVER).update(
        state=State.UNKNOWN,
        ended_at=timezone.now(),
        result=_("The worker was lost while it handed this over."),
    )


@action
def settle(*, worker: str, let_go: int, certain: bool, by: models.Model | None) -> None:
    """Of a worker that was killed, and left behind which delivery it had let go of last.

    What it was handing over and had not let go of cannot have arrived, and goes out again. What
    it had let go of is out where that was `certain`, and nobody knows where it was not.
    """
    give_back(worker=worker, by=by)
    doubtful = Delivery.objects.held_by(worker)
    gone = doubtful.filter(pk=let_go)
    if certain:
        reason = _("The worker was killed before it heard the answer.")
        gone.update(**SAID, state=State.SENT, worker="", ended_at=timezone.now(), result=reason)
    else:
        gone.filter(state=State.HANDED_OVER).update(
            state=State.UNKNOWN,
            ended_at=timezone.now(),
            result=_("The worker was killed while it handed this over."),
        )
    doubtful.exclude(pk=let_go).update(state=State.PLANNED, worker="", ended_at=None)


@action
def send_again(*, delivery: Delivery, by: models.Model | None) -> None:
    """Somebody decided so: it goes out once more, though it may have arrived.

    Raises ValidationError where it is under way, or what it said is erased.
    """
    again = (
        Delivery.objects.that_staff_may_repeat()
        .filter(pk=delivery.pk)
        .update(state=State.PLANNED, worker="", attempts=0, due_at=timezone.now(), ended_at=None)
    )
    if not again:
        message = _("It is under way, or what it said is not kept any more.")
        raise ValidationError(message, code="not_again")


@action
def erase(*, before: datetime, by: models.Model | None) -> None:
    """Forget what the ended ones said: it is too late to send it again."""
    ended = Delivery.objects.that_staff_may_repeat().filter(ended_at__lt=before)
    ended.update(**SAID, worker="")


@action
def prune(*, before: datetime, number: int, by: models.Model | None) -> int:
    """Delete up to this many that ended before that; how many there were."""
    ended = (State.SENT, State.FAILED, State.UNKNOWN)
    old = Delivery.objects.filter(state__in=ended, ended_at__lt=before)
    ids = list(old.values_list("pk", flat=True)[:number])
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)


def held(delivery: Delivery, worker: str) -> models.QuerySet[Delivery]:
    """The delivery, if it is still this worker's; also if it was thought to be lost meanwhile."""
    return Delivery.objects.held_by(worker).filter(pk=delivery.pk)


def short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
