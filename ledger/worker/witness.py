"""What a worker that is killed leaves behind: which mail it had let go of last.

Eight bytes in a file in memory. Writing them is one plain store, right before the call that
lets go of the mail, and it outlives the process, though not the machine. The file is locked as
long as its worker lives: whoever gets the lock knows that it is dead.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.db import connection

NUMBER = struct.Struct("=q")
IN_MEMORY = Path("/dev/shm")  # noqa: S108  in a folder of our own there


class Trace(NamedTuple):
    """Of which delivery a worker let go last (0: none), and whether that was certain."""

    let_go: int
    certain: bool


class Witness:
    """The file of one worker. What it says of an earlier mail has to be forgotten before the next.

    A positive number: this delivery is out. A negative one: its hand-over has begun, and may
    have got through. Zero: none.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.path = folder / worker
        self.file = new_locked(self.path)
        self.memory = mmap.mmap(self.file.fileno(), NUMBER.size)

    def mark(self, delivery: int, *, certain: bool) -> Callable[[], None]:
        """What notes that this delivery is let go of; made beforehand, so that it takes no time."""
        memory, number = self.memory, NUMBER.pack(delivery if certain else -delivery)

        def note() -> None:
            memory[:] = number

        return note

    def forget(self) -> None:
        self.memory[:] = NUMBER.pack(0)

    def trace(self) -> Trace:
        return read(self.memory[:])

    def unlink(self) -> None:
        """Nothing is left to be told; the last one here takes the folder with it."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # others are in it
            self.path.parent.rmdir()

    def close(self) -> None:
        self.memory.close()
        self.file.close()


def new_locked(path: Path) -> BinaryIO:
    """The file gets its name only when it is locked: nobody takes it for a dead worker's."""
    draft = path.with_name(f".{path.name}")
    try:
        file = draft.open("x+b")
    except FileNotFoundError:  # the last worker here has just ended
        draft.parent.mkdir(mode=0o700)  # fails where somebody else is quicker
        file = draft.open("x+b")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    file.write(NUMBER.pack(0))
    file.flush()
    draft.rename(path)
    return file


def left_behind(folder: Path) -> Iterator[tuple[str, Trace]]:
    """(worker, trace) of each that died here. Its file goes once the caller comes for the next."""
    for path in sorted(folder.glob("[!.]*")):
        with suppress(BlockingIOError, FileNotFoundError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_nlink:  # else another worker has just seen to it
                yield path.name, read(file.read())
                path.unlink()


def read(number: bytes) -> Trace:
    [value] = NUMBER.unpack(number)
    return Trace(abs(value), value > 0)


def folder() -> Path:
    """Where the workers of this database leave their files, on this machine.

    Raises PermissionError where somebody else has made it.
    """
    place = connection.settings_dict
    which = "|".join(str(place[key]) for key in ("HOST", "PORT", "NAME"))
    digest = hashlib.sha256(which.encode()).hexdigest()[:16]
    above = IN_MEMORY if IN_MEMORY.is_dir() else Path(tempfile.gettempdir())
    path = above / f"tasklist-{os.geteuid()}-{digest}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to somebody else.")
    return path
