from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Lists, who shares them, and the tasks in them."""

    name = "tasks"
    verbose_name = _("Lists and tasks")

    def ready(self) -> None:
        from accounts import belongings  # noqa: PLC0415  models are there only now
        from ledger import letters, trash  # noqa: PLC0415
        from tasks import archive, mails  # noqa: PLC0415
        from tasks.actions import lists, tasks, undoing  # noqa: PLC0415
        from tasks.actions.handing_over import settle  # noqa: PLC0415
        from tasks.actions.leaving import take_leave  # noqa: PLC0415
        from tasks.models import Task, TaskList  # noqa: PLC0415

        belongings.settling.append(settle)
        belongings.taking_leave.append(take_leave)
        belongings.parts.extend(archive.PARTS)
        letters.names |= mails.NAMES
        trash.bins["task"] = (Task.objects.in_trash, tasks.delete)
        trash.bins["task_list"] = (TaskList.objects.in_trash, lists.delete)
        undoing.register()
