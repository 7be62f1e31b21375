"""What the commands that talk to AWS have in common: one line for every way to fail."""

import sys
from collections.abc import Callable


class DeployError(Exception):
    """The deployment cannot go on; the message is one line that says what to mend."""


class ChangeFailed(DeployError):
    """What AWS had begun did not end well; what the environment said meanwhile may say why."""


def say(text: str) -> None:
    """Print at once: what is said now may be true for half an hour."""
    print(text, flush=True)


def typed(question: str) -> str:
    """The answer to a question; nothing where nobody is there to answer."""
    try:
        return input(question)
    except EOFError:
        return ""


def exit_status(work: Callable[[], None]) -> int:
    """Do the work; tell the shell how it went."""
    try:
        work()
    except DeployError as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted. What AWS has begun goes on without this command; "
            "the same command takes it up from there.",
            file=sys.stderr,
        )
        return 130
    return 0
