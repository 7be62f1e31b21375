"""All settings, top to bottom. Every one that the environment varies stands here.

The fixed ones of django-allauth are in `tasklist/account_settings.py`, those of the API in
`tasklist/api_settings.py`.

Unset means safe: DEBUG is off, and then a missing SECRET_KEY, ALLOWED_HOSTS, BASE_URL or
database stops the start with a sentence that names it (`tasklist/environment.py`).
"""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from tasklist import logs, mail, storage
from tasklist.account_settings import *  # noqa: F403
from tasklist.api_settings import *  # noqa: F403
from tasklist.databases import with_options
from tasklist.environment import Environment

# Paths and environment
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # what a laptop writes: the database, the demo password

environ.Env.read_env(BASE_DIR / ".env")  # development only; real variables win
env = Environment(os.environ)

DEBUG = env.switch("DEBUG")
PORT = env.count("PORT", 8000)
SECRET_KEY = env.required(
    "SECRET_KEY",
    "only-for-a-laptop-" * 4 if DEBUG else None,
    "$(python -c 'import secrets; print(secrets.token_urlsafe(50))')",
)
BASE_URL = env.origin("BASE_URL", f"http://localhost:{PORT}" if DEBUG else None)
ALLOWED_HOSTS = [
    host.strip()
    for host in env.required(
        "ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else None, "tasks.example.org"
    ).split(",")
]
TRUSTED_PROXIES = env.count("TRUSTED_PROXIES", 0)  # how many stand between us and the world

# Apps
INSTALLED_APPS = [
    *(["demo"] if DEBUG else []),  # makes a superuser whose password it prints
    "products",
    "tasks",
    "accounts",
    "ledger",
    "tasklist",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "tasklist.apps.BrowsersConfig",
    "corsheaders",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "heroicons",
    "tasklist.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "tasklist.health.health",  # first: answers any Host, touches nothing
    "tasklist.request_id.request_id",
    "tasklist.logs.access_log",
    "corsheaders.middleware.CorsMiddleware",  # browsers follow no redirect with a preflight
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tasklist.middleware.headers",
    "csp.middleware.CSPMiddleware",
    "tasklist.middleware.utf8_only",
    "tasklist.middleware.either_slash",
    "tasklist.middleware.readable_405",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.session_ages",
    "accounts.middleware.session_rows",
    "tasklist.middleware.LoginRequired",
    "accounts.middleware.Throttled",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tasklist.middleware.through_the_pages",
    "accounts.middleware.SignedOutMeanwhile",
    "accounts.middleware.time_zone",
    "accounts.middleware.closing",
]
ROOT_URLCONF = "tasklist.urls"
WSGI_APPLICATION = "tasklist.wsgi.application"
APPEND_SLASH = False  # both forms answer, without a redirect: tasklist.middleware.either_slash
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tasks.navigation.navigation",
            ],
        },
    },
]
FORM_RENDERER = "tasklist.forms.Renderer"

# Database
DATABASE_TIMEOUT = env.count("DATABASE_TIMEOUT", 0)  # seconds; tasklist/wsgi.py sets it
DATABASES = {
    "default": with_options(
        env.database(f"sqlite:///{VAR_DIR / 'tasklist.sqlite3'}" if DEBUG else None),
        timeout=DATABASE_TIMEOUT,
        ca=env.file("DATABASE_CA"),
    )
}
SILENCED_SYSTEM_CHECKS = [
    "models.W036",  # allauth's constraints with a condition, which MySQL lacks; ours have none
    "mysql.W003",  # misses the width of a generated column, which is inside it
]

# Cache: codes of apps for 30 seconds (allauth), CSV between preview and import for an hour
CACHES = {"default": env.cache("locmemcache://" if DEBUG else "dbcache://tasklist_cache")}

# Accounts: all else of django-allauth is in tasklist/account_settings.py
REGISTRATION = env.choice("REGISTRATION", ("open", "invite", "closed"), "open")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.UsernameOrVerifiedEmail"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"accounts.passwords.rules.{name}Validator"}
    for name in ("Length", "Common", "Context")
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # ends with it
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_EMAIL_VERIFICATION = env.choice(
    "EMAIL_VERIFICATION", ("optional", "mandatory", "none"), "optional"
)
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "email*" if ACCOUNT_EMAIL_VERIFICATION == "mandatory" else "email",
    "password1*",
]
ACCOUNT_LOGIN_BY_CODE_ENABLED = ACCOUNT_EMAIL_VERIFICATION != "none"
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.partition("://")[0]
OPENID = env.openid()

# The API: all else of it is in tasklist/api_settings.py
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")

# Mail, which the worker sends
MAIL = env.mail("consolemail://" if DEBUG else "dummymail://")
EMAIL_BACKEND, EMAIL_FILE_PATH = MAIL["EMAIL_BACKEND"], MAIL["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = MAIL["EMAIL_HOST"], MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_USER"], MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL["EMAIL_USE_TLS"], MAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20  # seconds; no page waits for it
ANYMAIL = mail.amazon_ses(env.text("AWS_REGION"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "Tasklist <tasklist@localhost>")

# Jobs, which the worker does
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Words and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["tasklist.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

# Static files, and what people upload
AWS_REGION = env.text("AWS_REGION")
STATIC_BUCKET = env.text("STATIC_BUCKET")
STATIC_DOMAIN = env.host(
    "STATIC_DOMAIN", f"{STATIC_BUCKET}.s3.{AWS_REGION}.amazonaws.com" if STATIC_BUCKET else ""
)
STATIC_ORIGIN = f"https://{STATIC_DOMAIN}" if STATIC_DOMAIN else ""
STATIC_URL = f"{STATIC_ORIGIN}/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [] if STATIC_DOMAIN else [BASE_DIR / "static"]
if STATIC_DOMAIN:  # nothing of it is here
    MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
MEDIA_BUCKET = env.text("MEDIA_BUCKET")
STORAGES = {
    "default": storage.media(MEDIA_BUCKET, AWS_REGION, VAR_DIR / "media"),
    "staticfiles": storage.static(DEBUG, STATIC_DOMAIN, BASE_DIR),
}

# Security. Cookies named __Host- bind to this host and to TLS, which a laptop has not.
SESSION_ENGINE = "tasklist.session_store"
SESSION_COOKIE_NAME = "sessionid" if DEBUG else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEBUG else "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30  # without a visit; at most accounts.sessions.LONGEST
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", BASE_URL)
CSRF_FAILURE_VIEW = "tasklist.errors.csrf_failure"
SECURE_HSTS_SECONDS = 0 if DEBUG else 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^readyz/?$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
FORWARDED_PROTO_HEADER = env.choice(
    "FORWARDED_PROTO_HEADER",
    ("X-Forwarded-Proto", "CloudFront-Forwarded-Proto"),
    "X-Forwarded-Proto",
)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{FORWARDED_PROTO_HEADER.upper().replace('-', '_')}", "https")
OURS = [SELF, STATIC_ORIGIN] if STATIC_ORIGIN else [SELF]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": OURS,
        "style-src": OURS,
        "img-src": OURS,
        "connect-src": [SELF],
        "manifest-src": OURS,
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Logs and figures
CLOUDWATCH_NAME = env.text("CLOUDWATCH_NAME")  # under which it has ours: tasklist/metrics.py
LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"), "text")
LOGGING = logs.configuration(LOG_FORMAT)
