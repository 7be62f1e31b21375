from tasks.models.access import ABILITIES, Role
from tasks.models.labels import Label
from tasks.models.lists import Colour, Handover, Membership, TaskList
from tasks.models.tasks import Priority, Status, Task

__all__ = [
    "ABILITIES",
    "Colour",
    "Handover",
    "Label",
    "Membership",
    "Priority",
    "Role",
    "Status",
    "Task",
    "TaskList",
]
