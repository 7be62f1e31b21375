#!/usr/bin/env python
"""Django's command line, for this project."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasklist.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # one line, for the log of a deployment
        sys.exit(f"Tasklist does not start: {error}")
    except KeyboardInterrupt:  # whoever presses Ctrl-C knows where
        sys.exit(128 + signal.SIGINT)
