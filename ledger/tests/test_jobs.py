import pytest
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.actions import users
from ledger import chores, jobs
from ledger.actions import jobs as actions
from ledger.models import Job
from tests.in_process import in_process

# Outside of a transaction, as a worker is: it looks whether its connection is still good.
pytestmark = pytest.mark.django_db(transaction=True)
State = Job.State


@pytest.fixture
def kind(monkeypatch):
    """`kind(function)`: a kind of job that is done so."""

    def register(do):
        monkeypatch.setitem(jobs.kinds, "count", do)

    return register


def ask(user):
    return actions.ask(kind="count", user=user, by=user)


def work():
    with in_process() as worker:
        while worker.tick():
            pass


def test_a_job_is_done_by_a_worker_and_says_what_came_of_it(kind, owner):
    until = timezone.now()

    def count(job, tell):
        tell(40)
        assert Job.objects.get(pk=job.pk).progress == 40
        return jobs.Outcome({"counted": 7}, "exports/1.zip", until)

    kind(count)
    job = ask(owner)
    assert job.state == State.WAITING

    work()

    job.refresh_from_db()
    assert (job.state, job.progress, job.report) == (State.DONE, 100, {"counted": 7})
    assert (job.file, job.expires_at) == ("exports/1.zip", until)


def test_who_asks_twice_waits_for_one_job(kind, owner, stranger):
    assert ask(owner) == ask(owner)
    assert ask(owner) != ask(stranger)
    assert DBTaskResult.objects.count() == 2


def test_a_job_that_crashes_fails_and_stops_no_other(kind, owner, stranger):
    def count(job, tell):
        return jobs.Outcome({"share": 1 // (job.user_id - owner.pk)})

    kind(count)
    failed, done = ask(owner), ask(stranger)

    work()

    assert Job.objects.get(pk=failed.pk).state == State.FAILED
    assert Job.objects.get(pk=done.pk).state == State.DONE
    assert ask(owner) != failed


def test_a_job_of_somebody_who_was_deleted_is_left(kind, owner):
    begun = []
    kind(lambda job, tell: begun.append(job))
    ask(owner)
    users.delete(user=owner, by=None)

    work()

    assert begun == []
    assert DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL


def killed_in(job):
    """As if a worker had been killed while it did it."""
    task = DBTaskResult.objects.get()
    task.claim("killed")
    actions.begin(job_id=job.pk, worker="killed", by=None)
    actions.take_from(worker="killed", by=None)


def test_a_job_whose_worker_was_killed_is_done_by_another(kind, owner):
    kind(lambda job, tell: jobs.Outcome({"done": "again"}))
    job = ask(owner)
    killed_in(job)

    work()

    assert Job.objects.get(pk=job.pk).report == {"done": "again"}


def test_a_job_that_kills_every_worker_is_given_up(kind, owner):
    kind(lambda job, tell: pytest.fail("it was given up"))
    job = ask(owner)
    for _ in range(actions.ATTEMPTS):
        killed_in(job)

    work()

    assert Job.objects.get(pk=job.pk).state == State.FAILED


def test_a_job_that_nobody_does_any_more_fails_so_that_its_person_may_ask_again(
    kind, owner, stranger, caplog
):
    """Its worker could note nothing of how it ended, as when the database failed over then."""
    kind(lambda job, tell: jobs.Outcome())
    stranded = ask(owner)
    DBTaskResult.objects.update(status=TaskResultStatus.FAILED)
    waiting = ask(stranger)

    chores.find_lost_workers()

    assert Job.objects.get(pk=stranded.pk).state == State.FAILED
    assert Job.objects.get(pk=waiting.pk).state == State.WAITING
    assert caplog.messages == [
        f"job {stranded.pk} was done by nobody any more: its person may ask again"
    ]
    assert ask(owner) != stranded


def test_what_a_worker_that_was_thought_lost_reports_does_not_count(kind, owner):
    job = ask(owner)
    late = actions.begin(job_id=job.pk, worker="slow", by=None)
    actions.begin(job_id=job.pk, worker="other", by=None)

    actions.done(job=late, outcome=jobs.Outcome({"by": "slow"}), by=None)

    assert Job.objects.get(pk=job.pk).state == State.RUNNING
