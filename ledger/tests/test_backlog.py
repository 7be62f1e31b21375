"""What waits, as whoever runs the site is told."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.actions import users
from ledger import backlog, jobs
from ledger.actions import deliveries, leases
from ledger.actions import jobs as job_actions
from ledger.housekeeping import chores
from ledger.models import Delivery, Lease
from tests.in_process import in_process

pytestmark = pytest.mark.django_db
LINK = "http://testserver/accounts/password/reset/key/1-secret/"
HOUR = timedelta(hours=1)


def plan(ago=timedelta(), **facts):
    delivery = deliveries.plan(
        recipient="ann@example.org", subject="Hello", text=LINK, kind="account/reset", by=None
    )
    then = timezone.now() - ago
    Delivery.objects.filter(pk=delivery.pk).update(planned_at=then, due_at=then, **facts)
    return delivery


@pytest.fixture
def told(capsys):
    """`told()`: what `manage.py backlog` prints, and its exit status."""

    def call():
        status = 0
        try:
            call_command("backlog")
        except SystemExit as ended:
            status = ended.code
        return capsys.readouterr().out, status

    return call


@pytest.fixture
def worker():
    with in_process() as alive:
        alive.begin()
        Lease.objects.filter(name__in=chores).update(due_at=timezone.now() + HOUR)
        yield alive


def test_a_site_where_nothing_waits_and_a_worker_lives_is_as_it_should_be(worker, told):
    said, status = told()

    assert "workers alive: in-process" in said
    assert "mails that wait: 0" in said
    assert status == 0


def test_a_site_without_a_worker_is_not(told):
    said, status = told()

    assert "workers alive: none, start one: manage.py worker" in said
    assert status == 1


def test_of_waiting_mail_the_oldest_is_told_with_its_attempts_its_last_error_and_no_secret(
    worker, told
):
    plan(ago=HOUR)
    oldest = plan(ago=3 * HOUR, attempts=3, result="535 <ann@example.org>: who are you")

    said, status = told()

    assert "mails that wait: 2\n  longest, for 3:00:0" in said
    assert f"number {oldest.pk}, account/reset, planned, tried 3×: 535 <…>: who are you" in said
    assert "@" not in said
    assert "secret" not in said
    assert status == 1


def test_a_mail_that_was_given_up_is_told_for_a_day(worker, told):
    ended = {"state": Delivery.State.FAILED, "attempts": 1, "result": "554 spam"}
    plan(ended_at=timezone.now() - 2 * HOUR, **ended)
    plan(ended_at=timezone.now() - 25 * HOUR, **ended)

    said, status = told()

    assert "given up, or that nobody knows of: 1\n  the last, 2:00:0" in said
    assert "tried 1×: 554 spam" in said
    assert status == 0


def test_timed_work_that_nobody_does_is_told(worker, told):
    Lease.objects.filter(name="find lost workers").update(due_at=timezone.now() - HOUR)

    said, status = told()

    assert "timed work that is late: 1\n  find lost workers, for 1:00:0" in said
    assert status == 1


def test_a_mail_waits_from_when_it_was_planned_though_it_is_tried_again_later():
    assert backlog.waited(timezone.now()) == timedelta()
    tried = plan(ago=3 * HOUR, attempts=4)
    Delivery.objects.update(due_at=timezone.now() + 2 * HOUR)
    assert round(backlog.waited(timezone.now()) / HOUR) == 3

    Delivery.objects.update(state=Delivery.State.FAILED, ended_at=timezone.now())
    deliveries.send_again(delivery=tried, by=None)
    assert round(backlog.waited(timezone.now()) / HOUR) == 0


def test_a_job_that_nobody_does_waits(monkeypatch):
    monkeypatch.setitem(jobs.kinds, "count", lambda job, tell: jobs.Outcome())
    ann = users.create(username="ann", password=None, by=None)
    job_actions.ask(kind="count", user=ann, by=ann)

    assert round(backlog.waited(timezone.now() + 2 * HOUR) / HOUR) == 2


def test_a_clock_that_is_a_minute_fast_takes_nothing_from_a_worker_that_lives():
    """Leases are by the clocks of the machines. A heartbeat leaves 70 of 90 seconds at least."""
    leases.renew(worker="slow", by=None)
    last_heartbeat = timezone.now() - timedelta(seconds=20)
    Lease.objects.update(until=last_heartbeat + leases.HELD)

    assert not Lease.objects.lost(timezone.now() + timedelta(seconds=60)).exists()
