"""Where files lie: in buckets, asked over HTTP; static files by a manifest, asked of nobody."""

import json
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage.handler import StorageHandler
from django.http import Http404

from tasklist import downloads, storage
from tests.deployment.moto import REGION, credentials, moto_server

pytestmark = pytest.mark.once

BUCKET = "media-of-the-tests"


@pytest.fixture(scope="module")
def aws():
    with moto_server() as address:
        yield address


@pytest.fixture
def media(aws, monkeypatch, tmp_path):
    """The private bucket, new and empty."""
    for name, value in credentials(aws).items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield StorageHandler({"default": storage.media(BUCKET, REGION, tmp_path)})["default"]
    for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def test_what_is_uploaded_comes_back_by_a_link(media):
    name = media.save("ab/notes.txt", ContentFile("beans 🌱".encode()))

    with urllib.request.urlopen(media.url(name)) as answer:
        assert answer.read().decode() == "beans 🌱"


def test_a_link_ends_after_five_minutes(media):
    link = urlsplit(media.url(media.save("a.txt", ContentFile(b"a"))))

    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    assert parse_qs(link.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_without_its_signature_a_link_opens_nothing(media):
    link = media.url(media.save("a.txt", ContentFile(b"a"))).partition("?")[0]

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link)
    assert refused.value.code == 403
    refused.value.close()


def test_a_second_file_of_the_same_name_does_not_overwrite_the_first(media):
    first, second = (media.save("a.txt", ContentFile(each)) for each in (b"1", b"2"))

    with media.open(first) as one, media.open(second) as two:
        assert (one.read(), two.read()) == (b"1", b"2")


def test_a_bucket_that_does_not_answer_is_given_up_soon(media, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    away = StorageHandler({"default": storage.media(BUCKET, REGION, tmp_path)})["default"]

    with pytest.raises(EndpointConnectionError):
        away.save("a.txt", ContentFile(b"a"))
    limits = away.client_config
    assert (limits.connect_timeout, limits.read_timeout) == (2, 5)
    assert limits.retries == {"max_attempts": 2}


def test_a_laptop_keeps_uploads_in_a_folder(tmp_path):
    local = StorageHandler({"default": storage.media("", "", tmp_path)})["default"]

    local.save("a.txt", ContentFile(b"a"))

    assert (tmp_path / "a.txt").read_bytes() == b"a"


def test_static_files_have_the_names_of_the_manifest_and_nobody_is_asked(tmp_path, settings):
    manifest = {"version": "1.1", "hash": "x", "paths": {"css/app.css": "css/app.0123.css"}}
    (tmp_path / storage.MANIFEST).write_text(json.dumps(manifest))
    settings.STATIC_URL = "https://static.example.invalid/static/"
    static = StorageHandler({"s": storage.static(False, "static.example.invalid", tmp_path)})["s"]

    assert static.url("css/app.css") == "https://static.example.invalid/static/css/app.0123.css"
    with pytest.raises(ValueError, match=r"css/other\.css"):
        static.url("css/other.css")


def test_a_download_from_the_bucket_is_saved_and_never_shown(media, settings, monkeypatch):
    settings.MEDIA_BUCKET = BUCKET
    monkeypatch.setattr(downloads, "default_storage", media)
    name = media.save("archives/x.zip", ContentFile(b"zip"))

    link = downloads.download(name, called="tasklist-ann.zip")["Location"]

    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"zip"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="tasklist-ann.zip"'
    media.delete(name)
    with pytest.raises(Http404):
        downloads.download(name, called="tasklist-ann.zip")
