"""Settings are read strictly: each promise here starts a real process with that environment."""

import ast
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tasklist import account_settings, api_settings
from tasklist.environment import Environment

pytestmark = pytest.mark.once

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "a-long-random-text-that-nobody-guesses-" * 2,
    "ALLOWED_HOSTS": "tasks.example.org",
    "BASE_URL": "https://tasks.example.org",
    "DATABASE_URL": "mysql://tasklist:p%40ss@db.example.org:3307/tasklist",
}


def start(environment, code="import tasklist.settings"):
    """What a start with just these variables prints on its error output."""
    variables = {"PATH": os.environ["PATH"], **environment}
    python = [sys.executable, "-c", code]
    result = subprocess.run(
        python, env=variables, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    return result.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL"])
def test_production_does_not_start_without(name):
    complaint = start({key: value for key, value in PRODUCTION.items() if key != name})

    assert complaint.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} is not set.")


def test_production_starts_with_what_is_documented():
    assert start(PRODUCTION) == ""


def test_a_laptop_needs_debug_alone():
    assert start({"DEBUG": "1"}) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "yes"),
        ("DEBUG", "True"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "one"),
        ("PORT", "٣"),
        ("BASE_URL", "tasks.example.org"),
        ("BASE_URL", "https://tasks.example.org/path"),
        ("CSRF_TRUSTED_ORIGINS", "tasks.example.org"),
        ("DATABASE_URL", "postgres://a:b@c/d"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_CA", "/nowhere.pem"),
        ("DATABASE_TIMEOUT", "3s"),
        ("FORWARDED_PROTO_HEADER", "Forwarded"),
        ("STATIC_DOMAIN", "https://static.example.org"),
        ("STATIC_DOMAIN", "static.example.org/static"),
        ("LOG_FORMAT", "xml"),
        ("EMAIL_URL", "pigeon://loft"),
        ("CACHE_URL", "memory"),
    ],
)
def test_a_malformed_value_stops_the_start_and_is_named(name, value):
    complaint = start(PRODUCTION | {name: value})

    assert complaint.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} is")


@pytest.mark.parametrize(
    ("name", "others"),
    [
        (
            "COGNITO_ISSUER is 'http://idp.example.org'",
            {"COGNITO_ISSUER": "http://idp.example.org"},
        ),
        ("COGNITO_ISSUER is", {"COGNITO_ISSUER": "https://idp.example.org/?a=b"}),
        ("COGNITO_ISSUER is not set", {"COGNITO_CLIENT_ID": "x"}),
        ("COGNITO_CLIENT_ID is", {"COGNITO_ISSUER": "https://idp.example.org"}),
        (
            "COGNITO_JWKS_URL is",
            {
                "COGNITO_ISSUER": "https://idp.example.org",
                "COGNITO_CLIENT_ID": "x",
                "COGNITO_JWKS_URL": "file:///etc/passwd",
            },
        ),
    ],
)
def test_a_provider_is_named_whole_and_reached_by_tls(name, others):
    with pytest.raises(ImproperlyConfigured, match=name):
        Environment(others).openid()


def test_keys_are_where_cognito_has_them_unless_it_is_said():
    pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI"
    named = {"COGNITO_ISSUER": pool, "COGNITO_CLIENT_ID": "x"}

    assert Environment({}).openid() is None
    assert Environment(named).openid().keys_url == f"{pool}/.well-known/jwks.json"
    there = named | {"COGNITO_JWKS_URL": "http://127.0.0.1:5000/keys"}
    assert Environment(there).openid().keys_url == "http://127.0.0.1:5000/keys"


def test_manage_py_says_in_one_line_what_to_mend():
    python = [sys.executable, "manage.py", "check"]
    done = subprocess.run(
        python,
        env={"PATH": os.environ["PATH"], **PRODUCTION, "BASE_URL": ""},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Tasklist does not start: BASE_URL is not set.")
    assert done.stderr.count("\n") == 1


def setting(name, **variables):
    """What the settings make of this environment, as text."""
    code = f"from tasklist import settings; print(settings.{name})"
    variables = {"PATH": os.environ["PATH"], **PRODUCTION, **variables}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_processes_share_their_cache_unless_told_otherwise():
    assert "DatabaseCache" in setting("CACHES")
    assert setting("CACHES['default']['OPTIONS']['MAX_ENTRIES']") == "20000"


def test_static_files_come_from_their_domain_and_the_browser_is_told():
    domain = {"STATIC_DOMAIN": "d1.cloudfront.net"}

    assert setting("STATIC_URL", **domain) == "https://d1.cloudfront.net/static/"
    policy = setting("CONTENT_SECURITY_POLICY['DIRECTIVES']['script-src']", **domain)
    assert policy == """["'self'", 'https://d1.cloudfront.net']"""


def test_or_from_the_bucket_itself():
    bucket = {"STATIC_BUCKET": "b", "AWS_REGION": "eu-central-1"}

    assert setting("STATIC_URL", **bucket) == "https://b.s3.eu-central-1.amazonaws.com/static/"


def test_or_from_the_site():
    assert setting("STATIC_URL") == "/static/"


def test_behind_cloudfront_it_says_by_which_protocol_the_browser_came():
    header = {"TRUSTED_PROXIES": "3", "FORWARDED_PROTO_HEADER": "CloudFront-Forwarded-Proto"}

    proxy = setting("SECURE_PROXY_SSL_HEADER", **header)
    assert proxy == "('HTTP_CLOUDFRONT_FORWARDED_PROTO', 'https')"


def test_without_proxies_no_header_is_believed():
    done = setting("__dict__.get('SECURE_PROXY_SSL_HEADER')", TRUSTED_PROXIES="0")
    assert done == "None"


def test_a_complaint_about_an_address_does_not_tell_its_password():
    with pytest.raises(ImproperlyConfigured) as refused:
        Environment({"DATABASE_URL": "mysql://u:hush@host:notaport/x"}).database(None)

    assert "DATABASE_URL" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_the_database_comes_from_its_address():
    entry = Environment({"DATABASE_URL": PRODUCTION["DATABASE_URL"]}).database(None)

    assert entry == {
        "ENGINE": "django.db.backends.mysql",
        "HOST": "db.example.org",
        "PORT": 3307,
        "NAME": "tasklist",
        "USER": "tasklist",
        "PASSWORD": "p@ss",
    }


def test_or_from_what_elastic_beanstalk_calls_it():
    rds = {
        "RDS_HOSTNAME": "rds.example.org",
        "RDS_DB_NAME": "tasks",
        "RDS_USERNAME": "app",
        "RDS_PASSWORD": "p@ss:/#",
    }

    entry = Environment(rds).database(None)

    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("rds.example.org", 3306, "tasks")
    assert (entry["USER"], entry["PASSWORD"]) == ("app", "p@ss:/#")


@pytest.mark.parametrize("missing", ["RDS_HOSTNAME", "RDS_DB_NAME", "RDS_USERNAME", "RDS_PASSWORD"])
def test_half_of_an_rds_is_refused(missing):
    rds = dict.fromkeys(("RDS_HOSTNAME", "RDS_DB_NAME", "RDS_USERNAME", "RDS_PASSWORD"), "x")

    with pytest.raises(ImproperlyConfigured, match=missing):
        Environment({k: v for k, v in rds.items() if k != missing}).database(None)


def test_every_variable_that_is_read_is_documented():
    package = settings.BASE_DIR / "tasklist"
    source = (package / "settings.py").read_text() + (package / "environment.py").read_text()
    asked = set(re.findall(r'(?:env\.\w+|self\.\w+|part)\(\s*"([A-Z_]+)"', source))
    example = (settings.BASE_DIR / ".env.example").read_text()

    assert {"SECRET_KEY", "DATABASE_URL", "RDS_PORT", "LOG_FORMAT"} < asked
    assert asked - set(re.findall(r"^#?([A-Z_]+)=", example, re.M)) == set()


@pytest.mark.parametrize("module", [account_settings, api_settings])
def test_fixed_settings_bring_nothing_else_into_the_settings(module):
    assert [name for name in vars(module) if not name.startswith("_") and not name.isupper()] == []


def test_settings_of_django_allauth_that_no_environment_varies_stand_together():
    text = (settings.BASE_DIR / "tasklist" / "settings.py").read_text()
    prefixes = "ACCOUNT|MFA|SOCIALACCOUNT|USERSESSIONS"
    assigned = [each for each in ast.parse(text).body if isinstance(each, ast.Assign)]
    ours = [each for each in assigned if re.match(prefixes, ast.unparse(each.targets[0]))]
    assert ours
    for each in ours:
        assert any(isinstance(part, ast.Name) for part in ast.walk(each.value)), ast.unparse(each)
