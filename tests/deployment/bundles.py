"""A source bundle of the working directory, to plant faults in."""

import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = '{"paths": {"css/app.css": "css/app.0123456789ab.css"}}'


@dataclass
class Draft:
    """The files of a bundle and their modes, free to be changed before it is packed."""

    files: dict[str, bytes]
    modes: dict[str, int]

    def pack(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in self.files.items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = self.modes.get(name, 0o100644) << 16
                archive.writestr(entry, content)
        return path


Change = Callable[[Draft], None]


def working_directory() -> Draft:
    """What `.ebignore` keeps of the files that git knows, as they stand, with the index's modes."""
    kept = kept_files()
    return Draft(dict(kept.files), dict(kept.modes))


@cache
def kept_files() -> Draft:
    left_out = set(git("ls-files", "--cached", "--ignored", "--exclude-from=.ebignore"))
    entries = [line.split("\t") for line in git("ls-files", "--stage")]
    modes = {path: int(facts.split()[0], 8) for facts, path in entries if path not in left_out}
    files = {path: (ROOT / path).read_bytes() for path in modes}
    return Draft(files | {"staticfiles.json": MANIFEST.encode()}, modes)


def git(*arguments: str) -> list[str]:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def swap(path: str, old: str, new: str) -> Change:
    def change(draft: Draft) -> None:
        text = draft.files[path].decode()
        assert old in text
        draft.files[path] = text.replace(old, new).encode()

    return change


def add(path: str, content: str | bytes, mode: int = 0o100644) -> Change:
    def change(draft: Draft) -> None:
        draft.files[path] = content.encode() if isinstance(content, str) else content
        draft.modes[path] = mode

    return change


def drop(path: str) -> Change:
    def change(draft: Draft) -> None:
        del draft.files[path]

    return change


def chmod(path: str, mode: int) -> Change:
    def change(draft: Draft) -> None:
        draft.modes[path] = mode

    return change
