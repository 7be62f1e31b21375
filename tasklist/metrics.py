"""Tells CloudWatch what waits for the workers, so that an alarm tells somebody.

One worker of all does it, once a minute. Where no figures come any more no worker runs, or none
has a database: the alarm takes that for the worst of figures.
"""

import logging
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from ledger import backlog, housekeeping
from ledger.models import Delivery

logger = logging.getLogger(__name__)

NAMESPACE = "Tasklist"
LATELY = timedelta(hours=1)
SECONDS = 5


def register() -> None:
    """Where the environment has a name in CloudWatch. Elsewhere: `manage.py backlog`."""
    if settings.CLOUDWATCH_NAME:
        housekeeping.register("tell CloudWatch", every=timedelta(minutes=1), do=tell)


def tell() -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  0.1 s of a start

    try:
        client().put_metric_data(Namespace=NAMESPACE, MetricData=figures())
    except (BotoCoreError, ClientError) as error:
        logger.warning("CloudWatch does not take what waits: %s", error)


def figures() -> list[dict[str, Any]]:
    """`Waited`: seconds that the mail or job has waited that waits longest. `NotArrived`: mails
    that were given up within the last hour, or of which nobody knows.
    """
    now = timezone.now()
    of = [{"Name": "Environment", "Value": settings.CLOUDWATCH_NAME}]
    lost = Delivery.objects.not_arrived(now - LATELY).count()
    waited = backlog.waited(now).total_seconds()
    return [
        {"MetricName": "Waited", "Dimensions": of, "Value": waited, "Unit": "Seconds"},
        {"MetricName": "NotArrived", "Dimensions": of, "Value": lost, "Unit": "Count"},
    ]


@cache
def client() -> Any:
    import boto3  # noqa: PLC0415  as above
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 1})
    return boto3.client("cloudwatch", region_name=settings.AWS_REGION or None, config=limits)
