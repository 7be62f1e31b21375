"""What has to be right before a release may run; that it stops one is rehearsed."""

import json

import pytest

from tasklist import checks
from tasklist.storage import MANIFEST

pytestmark = pytest.mark.once

NOBODY = "localhost:1"


def ids(messages):
    return [message.id for message in messages]


@pytest.mark.parametrize("name", checks.AWS_KEYS)
def test_keys_of_aws_have_no_place_in_an_environment(name, monkeypatch):
    monkeypatch.setenv(name, "x")

    assert ids(checks.no_keys_in_the_environment()) == ["tasklist.E001"]


def test_without_them_all_is_well(monkeypatch):
    for name in checks.AWS_KEYS:
        monkeypatch.delenv(name, raising=False)

    assert ids(checks.no_keys_in_the_environment()) == []


def test_a_laptop_has_no_buckets_to_look_at(settings):
    settings.DEBUG, settings.STATIC_DOMAIN, settings.MEDIA_BUCKET = True, "", ""

    assert ids(checks.static_files_are_there()) == ids(checks.media_bucket_is_ours()) == []


def test_a_server_that_serves_its_static_files_itself_has_to_have_collected_them(
    settings, tmp_path
):
    settings.STATIC_DOMAIN, settings.STATIC_ROOT = "", tmp_path
    assert ids(checks.static_files_are_there()) == ["tasklist.E002"]

    (tmp_path / MANIFEST).write_text("{}")
    assert ids(checks.static_files_are_there()) == []


def test_a_bundle_without_the_manifest_is_wrong(settings, tmp_path):
    settings.STATIC_DOMAIN, settings.BASE_DIR = NOBODY, tmp_path

    assert ids(checks.static_files_are_there()) == ["tasklist.E002"]


def test_a_domain_that_does_not_answer_is_a_warning_since_an_instance_must_start(
    settings, tmp_path
):
    (tmp_path / MANIFEST).write_text(json.dumps({"paths": {}}))
    settings.STATIC_DOMAIN, settings.BASE_DIR = NOBODY, tmp_path
    settings.STATIC_URL = f"https://{NOBODY}/static/"

    assert ids(checks.static_files_are_there()) == ["tasklist.W003"]


@pytest.mark.parametrize("keys", [{}, {"AWS_ACCESS_KEY_ID": "x"}])
def test_a_bucket_that_cannot_be_asked_is_a_warning(settings, monkeypatch, keys, tmp_path):
    """No endpoint, and a role that is not there, or half a key."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{NOBODY}")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in checks.AWS_KEYS:
        monkeypatch.delenv(name, raising=False)
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    settings.MEDIA_BUCKET, settings.AWS_REGION = "somewhere", "eu-central-1"

    assert ids(checks.media_bucket_is_ours()) == ["tasklist.W004"]
