import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ledger import chores, housekeeping
from ledger.actions import deliveries, leases
from ledger.models import Delivery, Lease
from ledger.worker.loop import beat
from tests.in_process import in_process

pytestmark = pytest.mark.django_db


@pytest.fixture
def chore(monkeypatch):
    """`chore(function)`: the only timed work, once an hour if nothing else is said."""
    monkeypatch.setattr(housekeeping, "chores", {})
    monkeypatch.setattr("ledger.worker.chores.chores", housekeeping.chores)
    monkeypatch.setattr("ledger.worker.loop.chores", housekeeping.chores)

    def register(do, every=timedelta(hours=1)):
        housekeeping.register("count", every=every, do=do)

    return register


def keep_house():
    with in_process() as worker:
        worker.begin()
        worker.house.keep()
        worker.leave()


def test_timed_work_is_done_once_in_its_time_by_all_workers_together(chore):
    done = []
    chore(lambda: done.append(1))

    keep_house()
    keep_house()
    assert done == [1]

    Lease.objects.filter(name="count").update(due_at=timezone.now())
    keep_house()
    assert done == [1, 1]


def test_work_that_another_worker_is_doing_is_left_to_it(chore):
    chore(lambda: pytest.fail("somebody does it already"))
    leases.offer(names=["count"], by=None)
    assert leases.take(name="count", worker="other", by=None)

    keep_house()
    assert not leases.take(name="count", worker="third", by=None)


def test_work_of_a_worker_that_is_not_heard_of_is_taken_over(chore):
    done = []
    chore(lambda: done.append(1))
    leases.offer(names=["count"], by=None)
    leases.take(name="count", worker="lost", by=None)
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))

    keep_house()

    assert done == [1]


@pytest.mark.parametrize(("every", "again"), [(60, 10), (1, 1)])
def test_work_that_fails_is_logged_and_tried_again_never_later(chore, caplog, every, again):
    chore(lambda: 1 / 0, every=timedelta(minutes=every))

    keep_house()

    assert "count failed" in caplog.text
    wait = Lease.objects.get(name="count").due_at - timezone.now()
    assert timedelta(minutes=again - 1) < wait <= timedelta(minutes=again)


def test_a_renewed_lease_keeps_all_that_the_worker_holds():
    leases.renew(worker="busy", by=None)
    leases.offer(names=["count"], by=None)
    leases.take(name="count", worker="busy", by=None)
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))

    leases.renew(worker="busy", by=None)

    assert not leases.take(name="count", worker="other", by=None)
    assert not Lease.objects.lost(timezone.now()).exists()


def test_what_a_lost_machine_had_in_hand_is_free_again_and_the_log_tells(caplog):
    for worker in ("lost", "alive"):
        leases.renew(worker=worker, by=None)
        deliveries.plan(recipient="a@example.org", subject="", text="", kind="test", by=None)
        deliveries.claim(worker=worker, number=1, by=None)
    lost = Lease.objects.filter(holder="lost")
    lost.update(until=timezone.now() - timedelta(seconds=1))

    chores.find_lost_workers()

    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["planned", "claimed"]
    assert caplog.messages == ["worker lost is not heard of any more: others have what it had"]
    assert not lost.exists()


def test_an_idle_worker_asks_two_questions_a_tick():
    with in_process() as worker:
        worker.begin()
        while worker.tick():
            pass
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert not worker.tick()

    assert len(asked) == 2
    assert all(each["sql"].startswith("SELECT") for each in asked.captured_queries)


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_outlives_every_failure_of_the_database(monkeypatch):
    """Else a worker that is busy would be thought lost, though its database is back."""
    beats, over = [], threading.Event()

    def renew(*, worker, by):
        beats.append(worker)
        if len(beats) == 3:
            over.set()
        raise (InterfaceError, OperationalError, DatabaseError)[len(beats) - 1]("away")

    monkeypatch.setattr("ledger.worker.loop.HEARTBEAT", 0)
    monkeypatch.setattr("ledger.worker.loop.leases.renew", renew)
    beat("busy", over)

    assert beats == ["busy"] * 3


def test_a_worker_is_written_down_once_though_both_its_threads_do_it(monkeypatch):
    """As after a time without a database, when its row was taken for a lost one's."""
    leases.renew(worker="back", by=None)
    monkeypatch.setattr("django.db.models.QuerySet.update", lambda *_, **__: 0)

    leases.renew(worker="back", by=None)

    assert Lease.objects.filter(holder="back").count() == 1
