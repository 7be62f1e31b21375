import factory

from accounts.tests.factories import UserFactory
from tasks.actions import lists, tasks
from tasks.models import Task, TaskList


class TaskListFactory(factory.django.DjangoModelFactory):
    """A list of `by`, whose only member is its owner."""

    class Meta:
        model = TaskList

    title = factory.Sequence(lambda n: f"List {n}")
    by = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return lists.create(**kwargs)


class TaskFactory(factory.django.DjangoModelFactory):
    """An open task of `by`, at the end of `task_list` (default: a new list of theirs)."""

    class Meta:
        model = Task

    title = factory.Sequence(lambda n: f"Task {n}")
    by = factory.SubFactory(UserFactory)
    task_list = factory.LazyAttribute(lambda task: TaskListFactory(by=task.by))

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return tasks.create(**kwargs)
