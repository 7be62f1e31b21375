from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Lists, who shares them, and the tasks in them."""

    name = "tasks"
