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


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # whoever presses Ctrl-C knows where; Django's import takes a while
        sys.exit(128 + signal.SIGINT)
