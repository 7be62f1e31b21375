"""The door for the web server: `gunicorn tasklist.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasklist.settings")

application = get_wsgi_application()
