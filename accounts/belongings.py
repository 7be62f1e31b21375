"""What belongs to a person in the apps above, which this one knows nothing of.

They register, in the `ready` of their AppConfig, what has to happen to it when the person is
deleted: a function that takes `user` and `by`, and that raises ValidationError where
it must not happen.
"""

from typing import Protocol

from accounts.models import User


class TakeLeave(Protocol):
    def __call__(self, *, user: User, by: User | None) -> None: ...


taking_leave: list[TakeLeave] = []
