"""The worker: sends what is due, does a job, keeps house; again and again until it is told to end.

Any number of them may run, on any number of machines.
"""

import logging
import os
import secrets
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType

from django.db import Error, InterfaceError, OperationalError, close_old_connections
from django.db import connection as database
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from ledger.actions import deliveries, jobs, leases
from ledger.housekeeping import chores
from ledger.worker.chores import House
from ledger.worker.outbox import Outbox
from ledger.worker.witness import Witness, left_behind

logger = logging.getLogger(__name__)

IDLE = (0.5, 1.0, 2.0)  # seconds to the next look, after the last one found nothing
DATABASE_AWAY = (1.0, 2.0, 5.0, 10.0, 15.0)
HEARTBEAT = 20  # seconds; a fraction of what a lease lasts
AWAY = (OperationalError, InterfaceError)


class Worker:
    def __init__(self, folder: Path, witness: Witness) -> None:
        self.folder, self.witness = folder, witness
        self.name = witness.path.name
        self.stopping = False
        self.outbox = Outbox(self.name, witness, lambda: self.stopping)
        self.house = House(self.name, lambda: self.stopping)

    def begin(self) -> None:
        """Say that we live. Whatever was in our hands when the database went away is settled."""
        leases.renew(worker=self.name, by=None)
        leases.offer(names=chores, by=None)
        self.settle(self.name, *self.witness.trace())

    def tick(self) -> bool:
        """Do some of what is due; whether there was anything."""
        for worker, trace in left_behind(self.folder):
            logger.warning("worker %s was killed", worker)
            self.settle(worker, *trace)
            leases.end(worker=worker, by=None)
        steps = (self.outbox.send_due, self.do_a_job, self.house.keep)
        busy = [self.guarded(step) for step in steps if not self.stopping]
        return any(busy)

    def settle(self, worker: str, let_go: int, certain: bool) -> None:
        deliveries.settle(worker=worker, let_go=let_go, certain=certain, by=None)
        jobs.take_from(worker=worker, by=None)

    def do_a_job(self) -> bool:
        if not DBTaskResult.objects.ready().exists():
            return False
        TaskWorker(
            queue_names=["*"],
            excluded_queue_names=[],
            backend_name="default",
            worker_id=self.name,
            batch=True,
            max_tasks=1,
            interval=0.1,
            startup_delay=False,
        ).run()
        return True

    def guarded(self, step: Callable[[], bool]) -> bool:
        """A crash in one step stops no other; without a database all have to wait."""
        try:
            return step()
        except AWAY:
            raise
        except Exception:
            logger.exception("%s failed, the worker goes on", step.__qualname__)
            return False

    def leave(self) -> None:
        """What is not begun is for others at once; or, without a database, for the next worker."""
        with suppress(Error):
            self.settle(self.name, *self.witness.trace())
            leases.end(worker=self.name, by=None)
            self.witness.unlink()


class Loop:
    """Runs a worker until SIGTERM or SIGINT, which let it finish what it has in hand."""

    def __init__(self, worker: Worker, *, once: bool, beside: int) -> None:
        self.worker, self.once, self.beside = worker, once, beside
        self.reader, self.writer = os.pipe()
        self.idle = self.away = 0
        self.begun = False

    def run(self) -> None:
        with self.signals(), self.heartbeat():
            while not self.worker.stopping and not self.is_alone():
                pause = self.turn()
                if self.once and self.idle and not self.away:
                    break
                select.select([self.reader], [], [], pause)
        self.worker.leave()

    def is_alone(self) -> bool:
        """Whether the process that we run beside is gone, in whatever way it went."""
        return bool(self.beside) and os.getppid() != self.beside

    def turn(self) -> float:
        """One look; the seconds until the next."""
        try:
            if not self.begun:
                self.worker.begin()
                self.begun = True
            busy = self.worker.tick()
        except AWAY as error:
            return self.wait_for_database(error)
        if self.away:
            logger.info("the database works again")
            self.away = 0
        self.idle = 0 if busy else self.idle + 1
        return 0 if busy else IDLE[min(self.idle, len(IDLE)) - 1]

    def wait_for_database(self, error: Exception) -> float:
        if not self.away:
            logger.error("the database fails, the worker tries again: %s", error)
        self.away += 1
        self.begun = False
        close_old_connections()
        return DATABASE_AWAY[min(self.away, len(DATABASE_AWAY)) - 1]

    @contextmanager
    def signals(self) -> Iterator[None]:
        def end(signum: int, frame: FrameType | None) -> None:
            self.worker.stopping = True
            os.write(self.writer, b".")  # ends the pause

        before = {which: signal.signal(which, end) for which in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for which, handler in before.items():
                signal.signal(which, handler)

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Keep our leases while we are busy with something that takes long."""
        over = threading.Event()
        thread = threading.Thread(target=beat, args=(self.worker.name, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=5)


def beat(worker: str, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT):
        try:
            leases.renew(worker=worker, by=None)
        except Error:
            close_old_connections()  # the loop has said so, and waits
    database.close()


def work(folder: Path, *, once: bool, beside: int) -> None:
    """Be a worker, until told to end, or until nothing is due any more (`once`).

    `beside`: number of the process that started us, and with which we end; 0: of none.
    """
    host = socket.gethostname().partition(".")[0][:30]
    name = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
    with closing(Witness(folder, name)) as witness:
        logger.info("worker %s begins", name)
        Loop(Worker(folder, witness), once=once, beside=beside).run()
        logger.info("worker %s ends", name)
