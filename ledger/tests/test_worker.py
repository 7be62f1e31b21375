"""The worker as a process: killed, told to end, without its database."""

import signal
import threading
from collections import Counter
from contextlib import ExitStack
from functools import partial
from itertools import cycle, islice

import pytest
from django.db import connection

from ledger.actions import deliveries
from ledger.models import Delivery, Lease
from ledger.worker import witness
from tests.workers import (
    MOMENTS,
    RANDOM,
    count_from_environment,
    no_traces,
    post,
    wait_until,
    worker,
)

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
MAILS = count_from_environment("KILLED_MAILS", 60)
KILLS = count_from_environment("KILLS", 4)
TOGETHER = 2


@pytest.fixture(autouse=True)
def clean():
    with no_traces():
        yield


def plan(number):
    for each in range(number):
        deliveries.plan(
            recipient=f"person{each}@example.org",
            subject="Hello",
            text="Hello",
            kind="test",
            by=None,
        )


def test_each_mail_arrives_exactly_once_though_workers_are_killed_at_every_moment():
    """Two at a time; each but the last two is killed at another moment of the SMTP dialogue."""
    plan(MAILS)
    arrived, killed, running = Counter(), [], []
    deaths = [*islice(cycle(MOMENTS), KILLS), None, None]
    with ExitStack() as stack:
        while not all_out():
            while deaths and len(running) < TOGETHER:
                server = stack.enter_context(post(arrived))
                server.kill_at, server.kill_after = deaths.pop(0), RANDOM.randint(1, 9)
                server.process = stack.enter_context(worker(server.url))
                running.append(server.process)
            wait_until(partial(all_out_or_ended, running))
            killed += [each for each in running if each.poll() is not None]
            running = [each for each in running if each.poll() is None]

    assert len(killed) == KILLS
    assert {each.returncode for each in killed} == {-signal.SIGKILL}
    assert Counter(arrived.values()) == {1: MAILS}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def all_out_or_ended(processes):
    return any(each.poll() is not None for each in processes) or all_out()


def all_out():
    return not Delivery.objects.exclude(state="sent").exists()


def test_a_worker_sends_within_seconds_and_told_to_end_it_finishes_what_it_has_in_hand():
    """It takes nothing new; what it had claimed is free, and it leaves no trace."""
    folder = witness.folder()
    with post() as server, worker(server.url) as process:
        wait_until(lambda: Lease.objects.filter(name__startswith=Lease.WORKER).exists())
        plan(1)
        wait_until(lambda: server.mails, seconds=10)
        plan(19)
        wait_until(lambda: len(server.mails) > 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0

    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert states == {"sent": len(server.mails), "planned": 20 - len(server.mails)}
    assert set(server.arrived.values()) == {1}
    assert not Lease.objects.exclude(holder="").exists()
    assert not folder.exists()


def test_a_worker_whose_database_goes_away_waits_and_goes_on_by_itself():
    """As after a failover: every connection is cut off."""
    with post() as server, worker(server.url) as process:
        wait_until(lambda: Lease.objects.filter(name__startswith=Lease.WORKER).exists())
        cut_off()
        plan(1)
        wait_until(lambda: server.mails, seconds=20)
        assert process.poll() is None


def cut_off():
    """Every connection to the database but ours."""
    with connection.cursor() as cursor:
        name = connection.settings_dict["NAME"]
        others = "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> "
        cursor.execute(others + "CONNECTION_ID()", [name])
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")


def test_mail_arrives_once_though_the_database_fails_over_at_every_moment_of_it():
    """Before the dot it is sent again; from the dot on it is known to be out."""
    here, there = threading.Semaphore(0), threading.Semaphore(0)

    def reached(moment, after=0.0):
        if moment in left:
            left.remove(moment)
            here.release()
            there.acquire(timeout=20)

    left = ["greeted", "sender", "recipient", "data", "dot"]
    moments = len(left)
    plan(moments)
    with post() as server:
        server.reached = reached
        with worker(server.url) as process:
            for _ in range(moments):
                assert here.acquire(timeout=20)
                cut_off()
                there.release()
            wait_until(all_out)
            assert process.poll() is None

    assert Counter(server.arrived.values()) == {1: moments}
