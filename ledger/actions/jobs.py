"""Jobs: asked for in a request, done by a worker."""

from django.db import models
from django.utils import timezone
from django_tasks import TaskContext, task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from ledger import jobs
from ledger.actions import rows
from ledger.actions.action import action
from ledger.models import Job, Recorded

NOT_ENDED = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
ATTEMPTS = 3  # a job that has killed its worker this often is not tried again


@action
def ask(*, kind: str, user: Recorded, by: models.Model | None) -> Job:
    """Have it done for this person. While they wait for one of this kind, it is the same one."""
    rows.lock(user)
    waiting = Job.objects.open().filter(user_id=user.pk, kind=kind).first()
    if waiting:
        return waiting
    job = Job.objects.create(kind=kind, user_id=user.pk)
    run.enqueue(job.pk)
    return job


@action
def begin(*, job_id: int, worker: str, by: models.Model | None) -> Job | None:
    """The job, now this worker's; None where it is gone with its person, or has ended."""
    running = {"state": Job.State.RUNNING, "worker": worker, "progress": 0}
    if not Job.objects.open().filter(pk=job_id).update(**running):
        return None
    return Job.objects.get(pk=job_id)


@action
def tell(*, job: Job, percent: int, by: models.Model | None) -> None:
    mine(job).update(progress=percent)


@action
def done(*, job: Job, outcome: jobs.Outcome, by: models.Model | None) -> None:
    mine(job).update(
        state=Job.State.DONE,
        progress=100,
        report=outcome.report,
        file=outcome.file,
        expires_at=outcome.expires_at,
        ended_at=timezone.now(),
    )


@action
def fail(*, job: Job, by: models.Model | None) -> None:
    """Its person may ask again; why it failed stands in the worker's log and in the admin."""
    mine(job).update(state=Job.State.FAILED, ended_at=timezone.now())


@action
def take_from(*, worker: str, by: models.Model | None) -> None:
    """What a lost worker was doing is done by another, unless it seems to kill its workers."""
    for result in DBTaskResult.objects.running().select_for_update():
        if result.worker_ids[-1:] != [worker]:
            continue
        if len(result.worker_ids) < ATTEMPTS:
            result.status = TaskResultStatus.READY
            result.save(update_fields=["status"])
        else:
            result.set_failed(WorkersLost(f"It was begun {ATTEMPTS} times and never ended."))
            ended = {"state": Job.State.FAILED, "ended_at": timezone.now()}
            Job.objects.open().filter(worker=worker).update(**ended)


@action
def give_up_stranded(*, by: models.Model | None) -> list[int]:
    """The numbers of the jobs that nobody does any more, though they have not ended: failed now.

    As where the database was away for the moment in which its worker noted how one had ended.
    """
    unfinished = set(Job.objects.open().values_list("pk", flat=True))
    if not unfinished:
        return []
    queued = DBTaskResult.objects.filter(task_path=run.module_path, status__in=NOT_ENDED)
    unfinished -= {said["args"][0] for said in queued.values_list("args_kwargs", flat=True)}
    stranded = Job.objects.open().filter(pk__in=unfinished).select_for_update()
    ids = sorted(stranded.values_list("pk", flat=True))
    Job.objects.filter(pk__in=ids).update(state=Job.State.FAILED, ended_at=timezone.now())
    return ids


class WorkersLost(Exception):
    """Every worker that did the job was killed, perhaps by it."""


@task(takes_context=True)
def run(context: TaskContext, job_id: int) -> None:
    """What the queue holds of a job. Outside of any transaction: it may take minutes."""
    worker = context.task_result.worker_ids[-1]
    job = begin(job_id=job_id, worker=worker, by=None)
    if job is None:
        return
    try:
        outcome = jobs.kinds[job.kind](job, lambda percent: tell(job=job, percent=percent, by=None))
    except Exception:
        fail(job=job, by=None)
        raise
    done(job=job, outcome=outcome, by=None)


def mine(job: Job) -> models.QuerySet[Job]:
    """The job, if no other worker has taken it over."""
    return Job.objects.open().filter(pk=job.pk, worker=job.worker)
