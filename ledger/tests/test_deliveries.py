import json
import logging
import smtplib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from ledger.actions import deliveries
from ledger.models import Delivery
from tasklist.logs import JsonFormatter
from tests.in_process import deliver, in_process

pytestmark = pytest.mark.django_db
State = Delivery.State
LINK = "http://testserver/accounts/password/reset/key/1-secret/"


def plan(recipient="owner@example.org", subject="Reset your password", **also):
    facts = {"text": f"Here:\n\n{LINK}", "html": f"<a href='{LINK}'>Here</a>", "kind": "reset"}
    return deliveries.plan(recipient=recipient, subject=subject, by=None, **facts | also)


def now(delivery):
    return Delivery.objects.get(pk=delivery.pk)


class Refusing(EmailBackend):
    """A mail server that answers as told."""

    answer: Exception

    def send_messages(self, messages):
        raise type(self).answer


class Away(EmailBackend):
    """A mail server that is not there."""

    def open(self):
        raise ConnectionRefusedError("refused")


@pytest.fixture
def refusing(settings):
    def answer(error):
        Refusing.answer = error
        settings.EMAIL_BACKEND = f"{__name__}.Refusing"

    return answer


def test_a_mail_is_sent_in_text_and_html_and_what_it_said_is_erased(mailbox):
    delivery = plan()

    [mail] = mailbox()

    assert (mail.subject, mail.to) == ("Reset your password", ["owner@example.org"])
    assert LINK in mail.body
    assert [each.mimetype for each in mail.alternatives] == ["text/html"]
    assert (now(delivery).state, now(delivery).sealed) == (State.SENT, "")
    assert len(mailbox()) == 1


def test_what_a_mail_says_does_not_stand_in_the_database():
    sealed = plan().sealed

    assert "secret" not in sealed
    assert "Reset" not in sealed


def test_a_mail_of_a_transaction_that_fails_is_never_sent(mailbox):
    with transaction.atomic():
        plan()
        transaction.set_rollback(True)

    assert mailbox() == []


@pytest.mark.parametrize(
    "recipient", ["a@example.org\r\nBcc: b@example.org", "nowhere", "", "a b@c.d"]
)
def test_a_recipient_that_is_no_address_is_refused(recipient):
    with pytest.raises(ValidationError):
        plan(recipient=recipient)
    assert not Delivery.objects.exists()


def test_a_subject_in_two_lines_makes_no_second_header(mailbox):
    plan(subject="Hello\r\nBcc: b@example.org")

    [mail] = mailbox()
    assert mail.subject == "Hello Bcc: b@example.org"
    assert mail.message()["Bcc"] is None


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("refused"),
        smtplib.SMTPDataError(451, b"try again"),
        smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}),
        smtplib.SMTPAuthenticationError(535, b"who are you"),
        smtplib.SMTPSenderRefused(550, b"not you", "tasklist@localhost"),
    ],
)
def test_what_was_not_taken_is_tried_again_later_and_later_and_then_given_up(
    error, refusing, mailbox
):
    refusing(error)
    delivery, waits = plan(), []
    for _ in range(7):
        Delivery.objects.update(due_at=timezone.now())
        deliver()
        waits.append(now(delivery).due_at - timezone.now())

    minutes = [round(wait / timedelta(minutes=1)) for wait in waits]
    assert minutes == [1, 5, 30, 120, 360, 1440, 0]
    assert (now(delivery).state, now(delivery).attempts) == (State.FAILED, 7)
    assert mailbox() == []


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}),
        smtplib.SMTPDataError(554, b"spam"),
    ],
)
def test_what_will_never_be_taken_fails_at_once_with_the_reason(error, refusing):
    refusing(error)
    delivery = plan()

    deliver()

    assert now(delivery).state == State.FAILED
    assert now(delivery).result in ("550 no such user", "554 spam")


def test_the_log_tells_the_servers_answer_without_the_address_in_it(refusing, caplog):
    said = b"5.1.1 <owner@example.org>: no such user (mailto:owner@example.org)"
    refusing(smtplib.SMTPRecipientsRefused({"a": (550, said)}))
    delivery = plan()

    deliver()

    reason = "550 5.1.1 <…>: no such user (mailto:…)"
    assert caplog.messages == [f"delivery {delivery.pk}: NEVER, {reason}"]
    assert "owner@example.org" in now(delivery).result


def test_a_mail_that_nobody_can_read_any_more_fails_and_stops_no_other(mailbox):
    broken, good = plan(), plan()
    Delivery.objects.filter(pk=broken.pk).update(sealed="rubbish")

    assert len(mailbox()) == 1
    assert (now(broken).state, now(good).state) == (State.FAILED, State.SENT)


def test_the_log_tells_that_the_mail_server_is_away_what_waits_and_when_it_is_back(
    settings, caplog
):
    caplog.set_level(logging.INFO, "ledger.worker.outbox")
    there, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Away"
    plan(), plan()
    with in_process() as worker:
        worker.outbox.send_due()
        next_try = f"{Delivery.objects.waiting()[0].due_at:%H:%M} UTC"
        settings.EMAIL_BACKEND = there
        for _ in range(2):
            plan()
            Delivery.objects.waiting().update(due_at=timezone.now())
            worker.outbox.send_due()

    refused = "the mail server cannot be reached: ConnectionRefusedError: refused; mails that wait"
    assert caplog.messages == [
        f"{refused}: 2, the next try at {next_try}",
        "the mail server answers again: 3 sent",
        "mails sent: 1",
    ]
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert [line["message"] for line in lines] == caplog.messages
    assert (lines[0]["waiting"], lines[1]["sent"]) == (2, 3)
    assert "@" not in str(lines)


def test_two_workers_claim_no_mail_twice():
    plan()
    [claimed] = deliveries.claim(worker="one", number=10, by=None)

    assert deliveries.claim(worker="two", number=10, by=None) == []
    assert not deliveries.hand_over(delivery=claimed, worker="two", by=None)
    assert deliveries.hand_over(delivery=claimed, worker="one", by=None)
    assert not deliveries.hand_over(delivery=claimed, worker="one", by=None)


def killed(let_go, certain=True):
    """The states of two mails of a worker that was killed at the first, as settled here."""
    first, second = plan(), plan()
    claimed = deliveries.claim(worker="killed", number=10, by=None)
    deliveries.hand_over(delivery=claimed[0], worker="killed", by=None)
    last = first.pk if let_go else 0
    deliveries.settle(worker="killed", let_go=last, certain=certain, by=None)
    return now(first).state, now(second).state


@pytest.mark.parametrize(
    ("let_go", "certain", "states"),
    [
        (False, True, (State.PLANNED, State.PLANNED)),
        (True, True, (State.SENT, State.PLANNED)),
        (True, False, (State.UNKNOWN, State.PLANNED)),
    ],
)
def test_what_a_killed_worker_had_let_go_of_is_not_sent_again(let_go, certain, states):
    assert killed(let_go, certain) == states


def test_what_was_lost_with_its_machine_is_not_sent_until_somebody_says_so(mailbox):
    first, second = plan(), plan()
    [claimed, _] = deliveries.claim(worker="lost", number=10, by=None)
    deliveries.hand_over(delivery=claimed, worker="lost", by=None)

    deliveries.take_from(worker="lost", by=None)

    assert len(mailbox()) == 1
    assert (now(first).state, now(second).state) == (State.UNKNOWN, State.SENT)
    deliveries.send_again(delivery=first, by=None)
    assert len(mailbox()) == 2
    with pytest.raises(ValidationError):
        deliveries.send_again(delivery=first, by=None)


def test_what_a_worker_still_reports_after_it_was_thought_lost_counts():
    delivery = plan()
    [claimed] = deliveries.claim(worker="slow", number=10, by=None)
    deliveries.hand_over(delivery=claimed, worker="slow", by=None)
    deliveries.take_from(worker="slow", by=None)

    deliveries.sent(delivery=claimed, worker="slow", result="", by=None)

    assert now(delivery).state == State.SENT


def test_ended_mails_are_forgotten_after_a_time():
    old, failed, new = plan(), plan(), plan()
    long_ago = timezone.now() - timedelta(days=40)
    ended = Delivery.objects.filter(pk__in=[old.pk, failed.pk])
    ended.update(state=State.FAILED, ended_at=long_ago)

    deliveries.erase(before=timezone.now() - timedelta(days=7), by=None)
    assert (now(old).sealed, bool(now(new).sealed)) == ("", True)

    assert deliveries.prune(before=timezone.now() - timedelta(days=30), number=9, by=None) == 2
    assert list(Delivery.objects.all()) == [new]
