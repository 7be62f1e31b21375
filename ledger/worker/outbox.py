"""Sends mail: each exactly once, at whatever moment the worker is killed.

    claimed        by one worker, in a batch, and committed
    handed over    noted and committed for each before the first word to the server
    the dot        the witness notes the delivery, then the mail is let go of
    sent           noted and committed when the server has accepted it

Whatever a killed worker was handing over is out if its witness names it, and is not if it does not
(`ledger.actions.deliveries.settle`).
"""

import json
import logging
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger import smtp
from ledger.actions import deliveries
from ledger.models import Delivery
from ledger.sealing import Unreadable, unseal
from ledger.worker.verdicts import Fate, Verdict, nameless, verdict
from ledger.worker.witness import Witness

logger = logging.getLogger(__name__)

AT_A_TIME = 20


class Outbox:
    def __init__(self, worker: str, witness: Witness, stopping: Callable[[], bool]) -> None:
        self.worker, self.witness, self.stopping = worker, witness, stopping
        self.away = False  # whether the mail server was, when we came last
        self.sent = 0  # of the batch in hand

    def send_due(self) -> bool:
        """Send a batch of what is due; whether there was anything."""
        if not Delivery.objects.due(timezone.now()).exists():
            return False
        claimed = deliveries.claim(worker=self.worker, number=AT_A_TIME, by=None)
        connection = get_connection()
        was_away, self.sent = self.away, 0
        try:
            self.send_all(claimed, connection)
        finally:
            quietly_close(connection)
        self.report(was_away)
        return bool(claimed)

    def report(self, was_away: bool) -> None:
        facts = {"sent": self.sent}
        if was_away and not self.away:
            logger.info("the mail server answers again: %(sent)d sent", facts, extra=facts)
        elif self.sent:
            logger.info("mails sent: %(sent)d", facts, extra=facts)

    def send_all(self, claimed: list[Delivery], connection: BaseEmailBackend) -> None:
        for number, delivery in enumerate(claimed):
            if self.stopping():
                deliveries.give_back(worker=self.worker, by=None)
                return
            try:
                connection.open()
            except Exception as error:
                self.nobody_there(claimed[number:], error)
                return
            self.away = False
            self.send(delivery, connection)

    def send(self, delivery: Delivery, connection: BaseEmailBackend) -> None:
        self.witness.forget()
        if not deliveries.hand_over(delivery=delivery, worker=self.worker, by=None):
            return
        try:
            receipt = self.post(delivery, connection)
        except Exception as error:
            drop(connection)
            let_go = self.witness.trace().let_go != 0
            self.note(delivery, verdict(error, let_go=let_go))
        else:
            deliveries.sent(delivery=delivery, worker=self.worker, result=receipt, by=None)
            self.sent += 1

    def post(self, delivery: Delivery, connection: BaseEmailBackend) -> str:
        """Let go of it. Returns when it was accepted: the number it got there, if it is told."""
        mail = letter(delivery)
        out = self.witness.mark(delivery.pk, certain=True)
        if isinstance(connection, smtp.EmailBackend) and connection.connection:
            connection.connection.before_the_dot = out
        else:  # of what goes on in there nothing is known
            self.witness.mark(delivery.pk, certain=False)()
        connection.send_messages([mail])
        out()
        return getattr(getattr(mail, "anymail_status", None), "message_id", None) or ""

    def note(self, delivery: Delivery, verdict: Verdict) -> None:
        reason = nameless(verdict.reason)
        logger.warning("delivery %s: %s, %s", delivery.pk, verdict.fate.name, reason)
        if verdict.fate is Fate.UNKNOWN:
            deliveries.lost_sight(
                delivery=delivery, worker=self.worker, reason=verdict.reason, by=None
            )
            return
        self.witness.forget()
        self.refused([delivery], verdict)

    def nobody_there(self, claimed: Iterable[Delivery], error: Exception) -> None:
        """None of them can be sent now. What our settings have wrong, somebody will mend."""
        reason = verdict(error, let_go=False).reason
        self.refused(claimed, Verdict(Fate.LATER, reason))
        self.say_that_it_is_away(reason)
        self.away = True

    def say_that_it_is_away(self, reason: str) -> None:
        waiting = Delivery.objects.waiting()
        first = waiting.first()
        if self.away and first and first.due_at <= timezone.now():
            return  # the next batch is tried at once, and tells
        facts = {
            "reason": nameless(reason),
            "waiting": waiting.count(),
            "next_try": f"{first.due_at:%H:%M} UTC" if first else "never",
        }
        words = (
            "the mail server cannot be reached: %(reason)s; "
            "mails that wait: %(waiting)d, the next try at %(next_try)s"
        )
        logger.warning(words, facts, extra=facts)

    def refused(self, refused: Iterable[Delivery], verdict: Verdict) -> None:
        for_good = verdict.fate is Fate.NEVER
        for delivery in refused:
            deliveries.refused(
                delivery=delivery,
                worker=self.worker,
                reason=verdict.reason,
                for_good=for_good,
                by=None,
            )


def letter(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail that was planned. Raises ValueError where it cannot be read any more."""
    try:
        said = json.loads(unseal(delivery.sealed, purpose=deliveries.SEALED_FOR))
    except Unreadable as error:
        raise ValueError(_("It was sealed under another SECRET_KEY.")) from error
    number = f"{delivery.pk}.{delivery.planned_at:%Y%m%d%H%M%S%f}"
    headers = {
        # The same however often it is sent: so that two of it are known to be one.
        "Message-ID": f"<{number}@{settings.BASE_URL.partition('://')[2].partition(':')[0]}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday answers
    }
    mail = EmailMultiAlternatives(
        said["subject"], said["text"], to=[delivery.recipient], headers=headers
    )
    if said["html"]:
        mail.attach_alternative(said["html"], "text/html")
    return mail


def drop(connection: BaseEmailBackend) -> None:
    """Whatever has gone wrong, the next mail begins anew."""
    if isinstance(connection, smtp.EmailBackend):
        connection.drop()


def quietly_close(connection: BaseEmailBackend) -> None:
    """The mails are out; that the server does not say goodbye is nobody's loss."""
    try:
        connection.close()
    except OSError as error:
        logger.info("the mail server did not say goodbye: %s", error)
