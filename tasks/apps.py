from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Lists, who shares them, and the tasks in them."""

    name = "tasks"

    def ready(self) -> None:
        from accounts import belongings  # noqa: PLC0415  models are there only now
        from tasks.actions.leaving import take_leave  # noqa: PLC0415

        belongings.taking_leave.append(take_leave)
