"""A person's archive: everything of theirs in one file, made by a worker."""

import json
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files import File
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.actions import events
from accounts.belongings import parts
from accounts.models import SecurityEvent, User
from ledger.actions import jobs, rows
from ledger.actions.action import action
from ledger.encoding import ExactEncoder
from ledger.jobs import Outcome, Tell
from ledger.models import Job

KIND = "archive"
FOLDER = "archives"
KEPT = timedelta(days=7)


@action
def ask(*, user: User, by: User) -> Job:
    """Have it made, and let them know: it is what a thief of a session would take.

    While one is being made, it is that one, and nothing more is said.
    """
    user = rows.lock(user)
    waiting = Job.objects.open().filter(user=user, kind=KIND).first()
    if waiting is None:
        events.note(user=user, kind=SecurityEvent.Kind.ARCHIVE_ASKED, by=by)
    return waiting or jobs.ask(kind=KIND, user=user, by=by)


def make(job: Job, tell: Tell) -> Outcome:
    """Write the archive of the job's person; it replaces those before, and what was half done."""
    with tempfile.TemporaryFile() as file:
        write(file, job.user, tell)
        file.seek(0)
        name = name_of(job)
        default_storage.delete(name)
        kept = default_storage.save(name, File(file))
    for earlier in forget_earlier(job=job, by=None):
        default_storage.delete(earlier)
    return Outcome(file=kept, expires_at=timezone.now() + KEPT)


def write(file: IO[bytes], user: User, tell: Tell) -> None:
    """A zip of one file for each part, row by row: it takes little memory, however much."""
    words = {"user": user, "parts": parts, "now": timezone.now()}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", render_to_string("accounts/archive.txt", words))
        for number, part in enumerate(parts):
            with archive.open(part.file, "w", force_zip64=True) as out:
                write_part(out, part.file, part.rows(user))
            tell(100 * (number + 1) // (len(parts) + 1))  # the last bit: it has to be stored


def write_part(out: IO[bytes], file: str, rows: Any) -> None:
    if file.endswith(".json"):
        write_json(out, rows)
    else:
        out.writelines(piece.encode() for piece in rows)


def write_json(out: IO[bytes], rows: dict[str, Any] | Iterable[dict[str, Any]]) -> None:
    if isinstance(rows, dict):
        out.write(as_json(rows) + b"\n")
        return
    between = b"[\n"
    for row in rows:
        out.write(between + as_json(row))
        between = b",\n"
    out.write(b"[]\n" if between == b"[\n" else b"\n]\n")


def as_json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, cls=ExactEncoder, ensure_ascii=False).encode()


def name_of(job: Job) -> str:
    """The same each time it is made, and nothing that could be guessed."""
    digest = salted_hmac("accounts.archives", str(job.pk), algorithm="sha256").hexdigest()
    return f"{FOLDER}/{digest[:32]}.zip"


@action
def forget_earlier(*, job: Job, by: None) -> list[str]:
    """One archive a person is enough: the files of those before this one, which are gone."""
    earlier = Job.objects.filter(kind=KIND, user_id=job.user_id, pk__lt=job.pk)
    names = [each.file or name_of(each) for each in earlier]
    earlier.delete()
    return names


@action
def forget_old(*, by: None) -> None:
    """Jobs whose archive is kept no longer, or that failed as long ago."""
    now = timezone.now()
    archives = Job.objects.filter(kind=KIND)
    archives.filter(expires_at__lte=now).delete()
    archives.filter(state=Job.State.FAILED, ended_at__lte=now - KEPT).delete()


def delete_old() -> None:
    """Delete archives that are kept no longer, and files of people who are not there any more."""
    forget_old(by=None)
    there = files()
    wanted = {name_of(job) for job in Job.objects.filter(kind=KIND)}
    wanted |= set(Job.objects.filter(kind=KIND).values_list("file", flat=True))
    for name in there - wanted:
        default_storage.delete(name)


def files() -> set[str]:
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # no archive was made on this machine
        return set()
    return {f"{FOLDER}/{name}" for name in names}


def newest(user: User) -> Job | None:
    """What their last archive is about, ready or not."""
    return Job.objects.filter(user=user, kind=KIND).order_by("-pk").first()
