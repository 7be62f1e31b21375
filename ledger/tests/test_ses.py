"""Mail through Amazon SES, by HTTP, as the instances of AWS send it."""

import boto3
import pytest

from ledger.actions import deliveries
from ledger.models import Delivery
from tests.deployment.moto import REGION, credentials, moto_server
from tests.in_process import deliver

pytestmark = [pytest.mark.once, pytest.mark.django_db]
SENDER = "tasks@example.org"


@pytest.fixture
def ses(monkeypatch, settings):
    """An account of SES that lets us send as SENDER."""
    with moto_server() as address:
        for name, value in credentials(address).items():
            monkeypatch.setenv(name, value)
        settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
        client = settings.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"] | {"region_name": REGION}
        settings.ANYMAIL = {"AMAZON_SES_CLIENT_PARAMS": client}
        settings.DEFAULT_FROM_EMAIL = f"Tasklist <{SENDER}>"
        service = boto3.client("ses", region_name=REGION)
        service.verify_email_identity(EmailAddress=SENDER)
        yield service


def plan():
    return deliveries.plan(
        recipient="ann@example.org",
        subject="Grüße",
        text="Hello",
        html="<p>Hello</p>",
        kind="test",
        by=None,
    )


def accepted(ses):
    """moto counts a recipient where it finds one: in the request, and in the mail."""
    return ses.get_send_quota()["SentLast24Hours"]


def test_ses_takes_a_mail_once_and_its_number_is_kept_and_a_refusal_is_told(ses, settings):
    taken = plan()
    deliver()
    after_one = accepted(ses)
    settings.DEFAULT_FROM_EMAIL = "nobody@example.com"
    refused = plan()
    deliver()

    taken, refused = (Delivery.objects.get(pk=each.pk) for each in (taken, refused))
    assert taken.state == Delivery.State.SENT
    assert taken.result  # its number at SES
    assert refused.state == Delivery.State.FAILED
    assert refused.result.startswith("MessageRejected")
    assert accepted(ses) == after_one > 0


def test_a_service_that_cannot_be_reached_has_it_tried_again(monkeypatch, settings):
    for name, value in credentials("http://127.0.0.1:9").items():  # nobody listens there
        monkeypatch.setenv(name, value)
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    client = settings.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"] | {"region_name": REGION}
    settings.ANYMAIL = {"AMAZON_SES_CLIENT_PARAMS": client}
    delivery = plan()

    deliver()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (Delivery.State.PLANNED, 1)
