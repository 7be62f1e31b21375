"""The settings of the tests: production's, but without TLS and with a cheap password hash."""

import os

os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ |= {
    "DEBUG": "0",
    "SECRET_KEY": "only-for-tests-" * 4,
    "ALLOWED_HOSTS": "testserver,localhost",
    "BASE_URL": "http://testserver",
    "EMAIL_URL": "memorymail://",
    "CACHE_URL": "locmemcache://",
}

from tasklist.settings import *  # noqa: F403
from tasklist.settings import DATABASES, MIDDLEWARE, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")  # nothing is collected
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sessionid", "csrftoken"
DATABASES["default"]["CONN_MAX_AGE"] = 0
