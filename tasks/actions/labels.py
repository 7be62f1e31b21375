from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions import rows
from ledger.actions.action import action
from tasklist.text import key_of
from tasks.models import Colour, Label, Task, TaskList

LABELS_PER_LIST = 200
LABELS_PER_TASK = 20


@action
def edit(*, label: Label, by: User | None, name: str, colour: Colour) -> Label:
    """Another name or colour for a label, on every task that has it.

    Raises ValidationError where another label of the list has the name.
    """
    rows.lock(TaskList(pk=label.list_id))
    label = rows.lock(label)
    name = " ".join(name.split())
    same = Label.objects.filter(list=label.list_id, key=key_of(name))
    if same.exclude(pk=label.pk).exists():
        message = _("The list has a label of this name already.")
        raise ValidationError({"name": message}, code="unique")
    changes = {"name": name, "key": key_of(name), "colour": colour}
    return rows.update(label, changes, kind="label.edited", by=by)


def names_of(task: Task) -> list[str]:
    return sorted(task.labels.values_list("name", flat=True))


def replace(task: Task, names: Iterable[str], *, by: User | None) -> tuple[list[str], list[str]]:
    """Give the task just these labels; answers their names before and after.

    Part of an action that holds the task's list locked, so that two people who invent
    the same label at once get the same one.
    """
    before = names_of(task)
    labels = named(task.list, names, by=by)
    if len(labels) > LABELS_PER_TASK:
        limit = _("A task can have at most %(count)d labels.") % {"count": LABELS_PER_TASK}
        raise ValidationError({"labels": limit}, code="limit")
    task.labels.set(labels)
    return before, sorted(label.name for label in labels)


def named(task_list: TaskList, names: Iterable[str], *, by: User | None) -> list[Label]:
    """The list's labels of these names; unknown ones are created."""
    wanted = by_key(names)
    if not wanted:
        return []
    known = {label.key: label for label in Label.objects.filter(list=task_list)}
    unknown = [key for key in wanted if key not in known]
    if len(known) + len(unknown) > LABELS_PER_LIST:
        limit = _("A list can have at most %(count)d labels.") % {"count": LABELS_PER_LIST}
        raise ValidationError({"labels": limit}, code="limit")
    for number, key in enumerate(unknown, start=len(known)):
        known[key] = _create(task_list, wanted[key], key, number, by=by)
    return [known[key] for key in wanted]


def spelled(task_list: TaskList, names: Iterable[str]) -> list[str]:
    """The names as the task would have them: spelled as the list's labels are, in order."""
    known = dict(Label.objects.filter(list=task_list).values_list("key", "name"))
    return sorted({known.get(key, name) for key, name in by_key(names).items()})


def by_key(names: Iterable[str]) -> dict[str, str]:
    """{key: name as typed} of the names that are not empty."""
    return {key_of(name): " ".join(name.split()) for name in names if name.strip()}


def _create(task_list: TaskList, name: str, key: str, number: int, *, by: User | None) -> Label:
    colours = Colour.values[1:]  # grey is for lists that have chosen nothing
    colour = colours[number * 5 % len(colours)]  # neighbours differ
    label = Label(list=task_list, name=name, key=key, colour=colour)
    try:
        return rows.insert(label, kind="label.created", by=by)
    except ValidationError as error:
        raise ValidationError({"labels": error.messages}) from error
