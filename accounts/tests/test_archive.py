"""Everything of mine, in one file: complete, without anybody's secrets, and for nobody else."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.actions import archives, sign_ins, tokens, users
from accounts.tests.factories import PASSWORD
from ledger.actions import jobs
from ledger.models import Job
from tasks.actions import tasks
from tasks.tests.factories import TaskFactory, TaskListFactory

pytestmark = pytest.mark.django_db

FILES = [
    *("README.txt", "profile.json", "addresses.json", "sessions.json", "ways-in.json"),
    *("tokens.json", "security-events.json", "mails.json", "account-history.json"),
    *("lists.json", "tasks.json", "history.json"),
]


@pytest.fixture(autouse=True)
def media(settings):
    """What is uploaded stays in memory."""
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    return default_storage


def made(user, look=lambda: None):
    """The job of an archive, done as a worker does it, looked at before and half-way."""
    job = jobs.begin(job_id=jobs.ask(kind="archive", user=user, by=user).pk, worker="w", by=None)
    look()

    def tell(percent):
        jobs.tell(job=job, percent=percent, by=None)
        look()

    jobs.done(job=job, outcome=archives.make(job, tell), by=None)
    return Job.objects.get(pk=job.pk)


def opened(response):
    assert response["Content-Disposition"].startswith("attachment; filename=")
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def contents(archive):
    names = [name for name in archive.namelist() if name.endswith(".json")]
    return {name: json.loads(archive.read(name)) for name in names}


def test_an_archive_holds_everything_of_mine(signed_in, owner, shared_list, task):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True)
    users.edit_profile(user=owner, by=owner, name="Ø. Owner")
    tokens.make(user=owner, name="Script", scopes=["read"], by=owner)
    sign_ins.begin(user=owner, by=owner)
    tasks.edit(task=task, labels=["green"], by=owner)
    tasks.trash(task=TaskFactory(title="Old", task_list=shared_list, by=owner), by=owner)
    browser = signed_in(owner)

    made(owner)
    archive = opened(browser.get("/settings/data/archive/"))

    assert archive.namelist() == FILES
    assert all(name in archive.read("README.txt").decode() for name in FILES[1:])
    found = contents(archive)
    assert found["profile.json"]["name"] == "Ø. Owner"
    assert [each["email"] for each in found["addresses.json"]] == ["o@example.org"]
    assert [each["name"] for each in found["tokens.json"]] == ["Script"]
    assert [each["kind"] for each in found["sessions.json"]] == ["program"]
    (shared,) = found["lists.json"]
    assert (shared["title"], shared["role"]) == ("Shared", "owner")
    assert [(each["username"], each["role"], len(each)) for each in shared["members"]] == [
        ("owner", "owner", 3),
        ("editor", "editor", 3),
        ("viewer", "viewer", 3),
    ]
    assert [(each["title"], each["labels"]) for each in found["tasks.json"]] == [
        (task.title, ["green"]),
        ("Old", []),
    ]
    assert {each["kind"] for each in found["account-history.json"]} >= {"user.created"}
    assert {each["list"] for each in found["history.json"]} == {shared_list.pk}


def test_an_archive_holds_no_secret_and_nothing_of_what_is_not_mine(owner, stranger, task):
    token, secret = tokens.make(user=owner, name="Script", scopes=["read"], by=owner)
    TaskFactory(title="Hidden from owner", task_list=TaskListFactory(by=stranger), by=stranger)
    owner.refresh_from_db()

    file = io.BytesIO()
    archives.write(file, owner, lambda percent: None)
    everything = "".join(
        zipfile.ZipFile(file).read(name).decode() for name in zipfile.ZipFile(file).namelist()
    )

    assert task.title in everything
    for hidden in (secret, token.digest, token.auth_hash, owner.password, PASSWORD):
        assert hidden not in everything
    assert "Hidden from owner" not in everything
    assert "stranger" not in everything


def test_more_rows_than_fit_at_once_are_all_there_and_once(owner, monkeypatch):
    monkeypatch.setattr("ledger.chunks.ROWS", 2)
    monkeypatch.setattr("tasks.archive.ROWS", 2)
    task_list = TaskListFactory(by=owner)
    for number in range(5):
        TaskFactory(title=str(number), task_list=task_list, by=owner)

    file = io.BytesIO()
    archives.write(file, owner, lambda percent: None)
    found = contents(zipfile.ZipFile(file))

    assert [each["title"] for each in found["tasks.json"]] == ["0", "1", "2", "3", "4"]
    written = [each for each in found["history.json"] if each["kind"] == "task.created"]
    assert [each["changes"]["title"][1] for each in written] == ["0", "1", "2", "3", "4"]


def test_the_page_goes_from_asking_to_the_download(signed_in, owner):
    browser = signed_in(owner)
    said = []
    assert "Download" not in browser.get("/settings/data/").content.decode()

    browser.post("/settings/data/")
    browser.post("/settings/data/")  # a second press asks for no second one
    assert "It waits for its turn." in browser.get("/settings/data/").content.decode()
    assert browser.get("/settings/data/archive/").status_code == 404
    made(owner, lambda: said.append(browser.get("/settings/data/").content.decode()))

    assert "It is being made: 0 %." in said[0]
    assert 0 < int(re.search(r"It is being made: (\d+) %", said[-1])[1]) < 100
    assert Job.objects.count() == 1
    assert "Download" in browser.get("/settings/data/").content.decode()
    assert browser.get("/settings/data/archive/").status_code == 200


def test_the_page_that_asks_by_itself_is_answered_once_something_is_new(signed_in, owner):
    browser = signed_in(owner)
    browser.post("/settings/data/")
    page = browser.get("/settings/data/").content.decode()
    asks = re.search(r'hx-get="([^"]+)"', page)[1]

    nothing_new = browser.get(f"/settings/data/{asks}")
    assert (nothing_new.status_code, nothing_new["HX-Reswap"]) == (204, "none")
    made(owner)
    page = browser.get(f"/settings/data/{asks}").content.decode()

    assert "Download" in page
    assert "hx-trigger" not in page


def test_who_takes_the_data_away_leaves_a_trace_and_a_letter(signed_in, owner, mailbox):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True, primary=True)
    browser = signed_in(owner)
    thief = {"REMOTE_ADDR": "203.0.113.5", "headers": {"user-agent": "curl/8.14"}}

    browser.post("/settings/data/", **thief)
    browser.post("/settings/data/", **thief)  # it is being made: no second letter
    made(owner)
    browser.head("/settings/data/archive/", **thief)
    browser.get("/settings/data/archive/", **thief)

    traces = owner.security_events.order_by("pk").values_list("kind", "address", "client")
    assert [*traces] == [
        (kind, "203.0.113.5", "curl/8.14") for kind in ("archive_asked", "archive_downloaded")
    ]
    [letter] = mailbox()
    assert (letter.to, letter.subject) == (["o@example.org"], "Archive of your data asked for")


def test_nobody_gets_the_archive_of_somebody_else(signed_in, visitor, owner, stranger, staff):
    made(owner)

    for other in (stranger, staff):
        assert signed_in(other).get("/settings/data/archive/").status_code == 404
    assert visitor.get("/settings/data/archive/").status_code == 302


def test_killed_and_begun_again_there_is_one_archive(owner, media):
    job = jobs.begin(
        job_id=jobs.ask(kind="archive", user=owner, by=owner).pk, worker="killed", by=None
    )
    archives.make(job, lambda percent: None)

    made(owner)

    assert len(media.listdir("archives")[1]) == 1
    assert Job.objects.get().file in archives.files()


def test_a_new_archive_replaces_the_one_before_and_five_a_day_are_enough(signed_in, owner, media):
    browser = signed_in(owner)

    answers = []
    for _ in range(7):
        answers.append(browser.post("/settings/data/").status_code)
        if answers[-1] == 302:
            newest = made(owner)

    assert answers == [302] * 5 + [429] * 2
    assert [job.pk for job in Job.objects.all()] == [newest.pk]
    assert media.listdir("archives")[1] == [newest.file.removeprefix("archives/")]
    assert browser.get("/settings/data/archive/").status_code == 200


def test_an_archive_is_kept_for_a_week(signed_in, owner, media):
    made(owner)
    archives.delete_old()
    assert signed_in(owner).get("/settings/data/archive/").status_code == 200

    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        assert signed_in(owner).get("/settings/data/archive/").status_code == 404
        archives.delete_old()

    assert media.listdir("archives")[1] == []
    assert not Job.objects.exists()


def test_the_archive_of_somebody_who_is_deleted_goes_with_them(owner, staff, media):
    made(owner)
    made(staff)

    users.delete(user=owner, by=staff)
    archives.delete_old()

    assert {f"archives/{name}" for name in media.listdir("archives")[1]} == {
        Job.objects.get(user=staff).file
    }
