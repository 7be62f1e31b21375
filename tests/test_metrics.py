"""What CloudWatch is told, and that nothing breaks where it does not listen."""

import logging
from datetime import timedelta

import boto3
import pytest
from django.utils import timezone

from ledger import housekeeping
from ledger.actions import deliveries
from ledger.backlog import TOO_LONG
from ledger.models import Delivery
from tasklist import metrics
from tests.deployment.moto import REGION, credentials, moto_server
from tests.deployment.template import Stack
from tests.in_process import in_process

pytestmark = [pytest.mark.once, pytest.mark.django_db]
RELEASE = {"CloudFrontPrefixList": "pl-0123", "Release": "releases/x.zip"}


@pytest.fixture
def in_aws(settings, monkeypatch):
    """`in_aws(address)`: the settings of an environment there, with the worker's chores."""
    monkeypatch.setattr(housekeeping, "chores", {})
    monkeypatch.setattr("ledger.worker.chores.chores", housekeeping.chores)
    monkeypatch.setattr("ledger.worker.loop.chores", housekeeping.chores)
    settings.CLOUDWATCH_NAME, settings.AWS_REGION = "tasklist", REGION

    def call(address):
        for name, value in credentials(address).items():
            monkeypatch.setenv(name, value)
        metrics.client.cache_clear()
        metrics.register()

    yield call
    metrics.client.cache_clear()


def keep_house():
    with in_process() as worker:
        worker.begin()
        worker.house.keep()
        worker.leave()


def alarms():
    """The alarms of the stack that look at our own figures, by figure."""
    made = Stack(RELEASE).of_type("CloudWatch::Alarm").values()
    return {each["MetricName"]: each for each in made if each["Namespace"] == metrics.NAMESPACE}


def test_one_worker_tells_the_figures_that_the_alarms_of_the_stack_look_at(in_aws):
    for state, ago in (("planned", 2), ("failed", 3), ("unknown", 3)):
        mail = deliveries.plan(recipient="a@b.cd", subject="", text="", kind="test", by=None)
        then, now = timezone.now() - timedelta(hours=ago), timezone.now()
        Delivery.objects.filter(pk=mail.pk).update(
            state=state,
            planned_at=then,
            due_at=then,
            ended_at=None if state == "planned" else now,
        )
    with moto_server() as address:
        in_aws(address)
        keep_house()
        keep_house()  # a minute has not gone by
        found = {name: figure(alarm) for name, alarm in alarms().items()}

    assert found == {"Waited": [pytest.approx(7200, abs=60)], "NotArrived": [2]}


def figure(alarm):
    """What CloudWatch has of what this alarm looks at."""
    now = timezone.now()
    points = boto3.client("cloudwatch").get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert [each["SampleCount"] for each in points] == [1]
    return [each["Sum"] for each in points]


def test_the_alarm_rings_after_an_hour_and_where_no_worker_tells_anything():
    waits = alarms()["Waited"]

    assert waits["Threshold"] == TOO_LONG.total_seconds()
    assert waits["TreatMissingData"] == "breaching"
    assert alarms()["NotArrived"]["TreatMissingData"] == "notBreaching"


def test_where_cloudwatch_is_away_one_line_tells_so_and_the_worker_goes_on(in_aws, caplog):
    in_aws("http://127.0.0.1:1")

    keep_house()

    [line] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert line.getMessage().startswith("CloudWatch does not take what waits: Could not connect")


def test_elsewhere_than_in_aws_nobody_asks_for_it(settings, monkeypatch):
    monkeypatch.setattr(housekeeping, "chores", {})
    settings.CLOUDWATCH_NAME = ""
    metrics.register()

    assert housekeeping.chores == {}
