from products import demo
from tasks.management.commands.demo import Command as TeamCommand


class Command(TeamCommand):
    """The demo of the team, which knows no products, and what the team sells."""

    def fill(self, password: str) -> None:
        super().fill(password)
        demo.fill(by=None)
