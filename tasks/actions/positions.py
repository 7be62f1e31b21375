"""Where a task stands among its siblings: numbers with gaps, so that one move is one write.

All of it under the lock of the list, which every caller holds.
"""

from django.db.models import Max

from tasks.models import Task, TaskList
from tasks.models.tasks import TaskQuerySet

GAP = 1024


def at_end(task_list: TaskList, parent: Task | None) -> int:
    siblings = Task.objects.filter(list=task_list, parent=parent)
    last = siblings.aggregate(last=Max("position"))["last"]
    return GAP if last is None else last + GAP


def stands(task: Task, sibling: Task | None) -> bool:
    """Whether it stands right before this sibling already, or (None) at the end.

    Then moving it there again writes and records nothing. Also right before itself.
    """
    if sibling and sibling.pk != task.pk and sibling.position <= task.position:
        return False
    after = _siblings(task).exclude(pk=task.pk).filter(position__gte=task.position)
    return not (after.filter(position__lt=sibling.position) if sibling else after).exists()


def before(sibling: Task) -> int:
    """A free position right before this one; makes room where there is none."""
    previous = _previous(sibling)
    if previous is None:
        return sibling.position - GAP
    if sibling.position - previous < 2:
        _spread(sibling)
        sibling.refresh_from_db(fields=["position"])
        previous = _previous(sibling) or 0
    return (previous + sibling.position) // 2


def _previous(sibling: Task) -> int | None:
    return (
        _siblings(sibling)
        .filter(position__lt=sibling.position)
        .aggregate(last=Max("position"))["last"]
    )


def _spread(sibling: Task) -> None:
    """New gaps between all siblings. Their order stays, so nothing is recorded."""
    siblings = list(_siblings(sibling).order_by("position", "id").only("position"))
    for number, task in enumerate(siblings, start=1):
        task.position = number * GAP
    Task.objects.bulk_update(siblings, ["position"], batch_size=500)


def _siblings(task: Task) -> TaskQuerySet:
    return Task.objects.filter(list=task.list_id, parent=task.parent_id)
