"""What `manage.py check --deploy` asks of an environment before a release may run in it.

What is certainly wrong is an error and stops the deployment. What only does not answer is a
warning: an instance has to start while a bucket is away.
"""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import CheckMessage, Error, Warning, register

from tasklist.storage import MANIFEST

AWS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
A_STATIC_FILE = "css/app.css"
SECONDS = 5


@register(deploy=True)
def no_keys_in_the_environment(**_: Any) -> Iterator[CheckMessage]:
    """An instance has a role; a key beside it can only leak."""
    for name in AWS_KEYS:
        if name in os.environ:
            yield Error(
                f"{name} is in the environment.",
                hint="Remove it: instances get their rights from the instance profile.",
                id="tasklist.E001",
            )


@register(deploy=True)
def static_files_are_there(**_: Any) -> Iterator[CheckMessage]:
    """There is a manifest, and the domain of the static files has the style sheet it names.

    That stands for all others: they are uploaded together, and before the release.
    """
    manifest = settings.BASE_DIR if settings.STATIC_DOMAIN else Path(settings.STATIC_ROOT)
    if not (settings.DEBUG or (manifest / MANIFEST).exists()):
        yield Error(
            f"{manifest / MANIFEST} is missing: no page could name its static files.",
            hint="On Elastic Beanstalk set STATIC_DOMAIN and use a bundle of `make bundle`; "
            "elsewhere run `manage.py collectstatic`.",
            id="tasklist.E002",
        )
    elif settings.STATIC_DOMAIN:
        yield from domain_answers()


def domain_answers() -> Iterator[CheckMessage]:
    address = staticfiles_storage.url(A_STATIC_FILE)
    try:
        urllib.request.urlopen(  # noqa: S310  the settings make it https
            urllib.request.Request(address, method="HEAD"),  # noqa: S310
            timeout=SECONDS,
        ).close()
    except urllib.error.HTTPError as error:
        yield complaint(
            f"{address} answers {error.code}.",
            "Upload the static files with `make deploy`, or mend STATIC_DOMAIN.",
            certain=error.code < 500,
            number=3,
        )
    except OSError as error:
        yield complaint(f"{address} does not answer: {error}.", "Look at STATIC_DOMAIN.", number=3)


@register(deploy=True)
def media_bucket_is_ours(**_: Any) -> Iterator[CheckMessage]:
    """The bucket for uploads exists, and lets us in."""
    if not settings.MEDIA_BUCKET:
        return
    import boto3  # noqa: PLC0415  it takes 0.1 s, of every start
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    limits = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 1})
    hint = "Mend MEDIA_BUCKET or AWS_REGION, or the rights of the instance profile."
    try:
        client = boto3.client("s3", region_name=settings.AWS_REGION or None, config=limits)
        client.head_bucket(Bucket=settings.MEDIA_BUCKET)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        message = f"The bucket {settings.MEDIA_BUCKET} answers {status}."
        yield complaint(message, hint, certain=status < 500, number=4)
    except BotoCoreError as error:
        yield complaint(f"The bucket {settings.MEDIA_BUCKET}: {error}", hint, number=4)


def complaint(message: str, hint: str, *, number: int, certain: bool = False) -> CheckMessage:
    kind, letter = (Error, "E") if certain else (Warning, "W")
    return kind(message, hint=hint, id=f"tasklist.{letter}{number:03}")
