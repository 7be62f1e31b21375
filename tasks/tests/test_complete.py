from ledger.models import Change
from tasks.actions import tasks


def test_completing_marks_done_and_records_who(task, editor):
    done = tasks.complete(task=task, by=editor)

    assert (done.status, done.version) == ("done", 2)
    change = Change.objects.about(task).get(kind="task.completed")
    assert (change.by, change.via, change.version) == (editor, "system", 2)
    assert change.changes["status"] == ["pending", "done"]


def test_completing_twice_keeps_the_first_time(task, owner, editor):
    first = tasks.complete(task=task, by=owner)
    second = tasks.complete(task=task, by=editor)

    assert (second.completed_at, second.version) == (first.completed_at, first.version)
    assert Change.objects.about(task).filter(kind="task.completed").count() == 1
