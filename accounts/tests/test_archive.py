"""Everything of mine, in one file: complete, without anybody's secrets, and for nobody else."""

import csv
import io
import json
import re
import zipfile
from datetime import date, time, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.utils import timezone

from accounts import belongings
from accounts.actions import archives, sign_ins, tokens, users
from accounts.tests.factories import PASSWORD
from ledger.actions import jobs
from ledger.models import Job
from tasks.actions import lists, tasks
from tasks.readable import page, sheet
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.views.pages import read

pytestmark = pytest.mark.django_db

FILES = [
    *("README.txt", "profile.json", "addresses.json", "sessions.json", "ways-in.json"),
    *("tokens.json", "security-events.json", "mails.json", "account-history.json"),
    *("index.html", "tasks.csv", "lists.json", "tasks.json", "history.json"),
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


def test_an_archive_holds_everything_of_mine(signed_in, owner, editor, shared_list, task):
    EmailAddress.objects.create(user=owner, email="o@example.org", verified=True)
    users.edit_profile(user=owner, by=owner, name="Ø. Owner")
    tokens.make(user=owner, name="Script", scopes=["read"], by=owner)
    sign_ins.begin(user=owner, by=owner)
    UserSession.objects.create(user=owner, session_key="1", ip="203.0.113.5")
    tasks.edit(task=task, labels=["green"], assignee=editor, by=owner)
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
    assert [each["kind"] for each in found["sessions.json"]] == ["browser", "program"]
    (shared,) = found["lists.json"]
    assert (shared["title"], shared["role"]) == ("Shared", "owner")
    assert [(each["username"], each["role"], len(each)) for each in shared["members"]] == [
        ("owner", "owner", 3),
        ("editor", "editor", 3),
        ("viewer", "viewer", 3),
    ]
    by = {"assignee": "editor", "created_by": "owner"}
    assert [
        (each["title"], each["labels"], by.items() <= each.items()) for each in found["tasks.json"]
    ] == [
        (task.title, ["green"], True),
        ("Old", [], False),
    ]
    changed = [each["changes"] for each in found["history.json"]]
    assert [None, "editor"] in [each.get("assignee") for each in changed]
    assert {each["kind"] for each in found["account-history.json"]} >= {"user.created"}
    assert {each["list"] for each in found["history.json"]} == {shared_list.pk}
    assert "Old" not in archive.read("index.html").decode() + archive.read("tasks.csv").decode()
    for part in belongings.parts:  # what README.txt explains is there
        explained = {each for names in part.fields for each in names.split(", ")}
        if explained and found.get(part.file):
            assert explained <= set().union(*rows_of(found[part.file])), part.file


def rows_of(found):
    return [found] if isinstance(found, dict) else found


TITLES = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "'quoted'", "'", '"; say "hi", she said'),
    *("plain", "Ünïcödé 🎉", "<script>alert(1)</script>", "a & b </title>"),
]
TEXT = "=cmd|' /C calc'!A0\nsecond \"line\",\r\n\tthird"


def test_a_spreadsheet_shows_what_was_written_and_calculates_nothing(owner):
    task_list = TaskListFactory(title="@home", by=owner)
    for title in TITLES:
        TaskFactory(title=title, description=TEXT, task_list=task_list, by=owner)
    TaskFactory(
        title="Full",
        description="\tindented",
        due_date=date(2026, 11, 21),
        due_time=time(14, 30),
        time_zone="Asia/Tokyo",
        priority=4,
        assignee=owner,
        labels=["-a", "b"],
        task_list=task_list,
        by=owner,
    )

    text = "".join(sheet(owner))
    heading, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))

    assert text.startswith("\ufefflist,title,")
    assert ",".join(heading) == (
        "list,title,description,status,priority,start,due,time,labels,assignee,created,completed"
    )
    assert not [cell for line in lines for cell in line if cell[:1] in {*"=+-@\t\r"} - {""}]
    there = [[re.sub(r"^'(?='*[=+\-@\t\r])", "", cell) for cell in line] for line in lines]
    assert [line[:5] for line in there[:-1]] == [
        ["@home", title, TEXT, "pending", "none"] for title in TITLES
    ]
    assert there[-1][:10] == [
        *("@home", "Full", "\tindented", "pending", "urgent", "", "2026-11-21", "14:30:00"),
        *("-a, b", "owner"),
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", there[-1][10])


def test_the_page_to_print_shows_what_was_written_and_runs_nothing(owner, editor, shared_list):
    bad = "</style><script>alert(1)</script><img src=x onerror=alert(2)> & \"'"
    task_list = lists.create(title=bad, description=bad, by=owner)
    above = TaskFactory(title=bad, description=bad, task_list=task_list, by=owner)
    TaskFactory(title="Below", parent=above, task_list=task_list, by=owner)
    TaskFactory(title="Other", labels=["<b>"], assignee=editor, task_list=shared_list, by=owner)

    found = read(HttpResponse("".join(page(owner))))

    assert [each.line for each in found.all("h2")] == ["Shared", bad]
    assert found.all("script") == found.all("img") == []
    above, below = found.all("li")[-2:]
    assert above.all("b", cls="pending")[0].line == bad
    assert below.up("ul").up("li") is above
    assert "· <b>" in found.line
    assert "@editor (Editor)" in found.line


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
    monkeypatch.setattr("tasks.rows.ROWS", 2)
    task_list = TaskListFactory(by=owner)
    for number in range(5):
        TaskFactory(title=str(number), task_list=task_list, by=owner)

    file = io.BytesIO()
    archives.write(file, owner, lambda percent: None)
    found = contents(zipfile.ZipFile(file))

    assert [each["title"] for each in found["tasks.json"]] == ["0", "1", "2", "3", "4"]
    archive = zipfile.ZipFile(file)
    titles = re.findall(r"<b class=.pending.>(\d)<", archive.read("index.html").decode())
    assert titles == ["0", "1", "2", "3", "4"]
    assert archive.read("tasks.csv").count(b"\r\n") == 6
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
