"""The door for the web server: `gunicorn tasklist.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasklist.settings")
# A page gives up on a database that hangs; a command, a migration say, takes as long as it takes.
os.environ.setdefault("DATABASE_TIMEOUT", "3")

application = get_wsgi_application()
