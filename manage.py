#!/usr/bin/env python
"""Django's command line, for this project."""

import os
import signal
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasklist.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # one line, for the log of a deployment
        sys.exit(f"Tasklist does not start: {error}")


def was_interrupted(error: BaseException | None) -> bool:
    """Python 3.11 wraps a Ctrl-C that comes while it makes a class, as imports do all the time."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, RuntimeError) as error:
        if not was_interrupted(error):
            raise
        sys.exit(128 + signal.SIGINT)  # whoever presses Ctrl-C knows where
