"""Through what mail leaves: settings of Django and of django-anymail."""

from typing import Any

import environ

SMTP, SES = "ledger.smtp.EmailBackend", "anymail.backends.amazon_ses.EmailBackend"
SCHEMES = (
    *("smtp", "smtp+tls", "smtp+ssl", "ses"),
    *("consolemail", "filemail", "dummymail", "memorymail"),
)


def settings(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings of an address; `ses://` says it all, the region is AWS_REGION.

    Raises ValueError or KeyError where it cannot be read.
    """
    is_ses = url == "ses://"
    said = environ.Env.email_url_config("dummymail://" if is_ses else url)
    backend = SES if is_ses else SMTP if url.startswith("smtp") else said["EMAIL_BACKEND"]
    return {
        "EMAIL_BACKEND": backend,
        "EMAIL_HOST": said["EMAIL_HOST"] or "localhost",
        "EMAIL_PORT": said["EMAIL_PORT"] or 25,
        "EMAIL_HOST_USER": said["EMAIL_HOST_USER"] or "",
        "EMAIL_HOST_PASSWORD": said["EMAIL_HOST_PASSWORD"] or "",
        "EMAIL_USE_TLS": said.get("EMAIL_USE_TLS", False),
        "EMAIL_USE_SSL": said.get("EMAIL_USE_SSL", False),
        "EMAIL_FILE_PATH": said["EMAIL_FILE_PATH"] or None,
    }


def amazon_ses(region: str) -> dict[str, Any]:
    """Settings of django-anymail. boto3 tries nothing again, which could send it twice."""
    limits = {"retries": {"total_max_attempts": 1}, "connect_timeout": 5, "read_timeout": 20}
    return {"AMAZON_SES_CLIENT_PARAMS": {"region_name": region or None, "config": limits}}
