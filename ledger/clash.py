from typing import Any

from django.core.exceptions import ValidationError


class Clash(ValidationError):
    """What was asked for is fine by itself; what is there already forbids it.

    A form shows it as any other rule; the API answers 409 with the `present` facts.
    """

    def __init__(self, message: Any, code: str, **present: Any) -> None:
        super().__init__(message, code=code)
        self.present = present
