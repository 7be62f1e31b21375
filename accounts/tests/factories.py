import factory

from accounts.actions import users
from accounts.models import User

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """A person made as people are made, by the action."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    password = PASSWORD

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return users.create(by=None, **kwargs)
