"""The source bundle: a commit's files that `.ebignore` keeps, and the manifest of static files.

Made from git and from the packages that the commit pins (those of the virtual environment), so that
the same commit gives the same bundle, to the byte, and whatever lies about in the working directory
stays there.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from deploy import lint
from deploy.command import DeployError, exit_status, say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "release"
MANIFEST = "staticfiles.json"
# What settings need to start. Collecting reaches none of it.
PLACEHOLDERS = {
    "SECRET_KEY": "unused",
    "ALLOWED_HOSTS": "unused.invalid",
    "BASE_URL": "https://unused.invalid",
    "DATABASE_URL": "sqlite:///unused",
}


class File(NamedTuple):
    """A file of a commit."""

    path: str
    mode: int
    content: bytes


@dataclass(frozen=True)
class Release:
    """A commit, ready to go out.

    `bundle` is what Elastic Beanstalk gets; `static` a folder of the static files under their
    hashed names, which `bundle` knows by its manifest.
    """

    commit: str
    bundle: Path
    static: Path

    @property
    def name(self) -> str:
        return name_of(self.commit)


def build(ref: str = "HEAD", folder: Path = FOLDER) -> Release:
    """Make the release of a git commit in `folder`.

    Raises DeployError where there is no such commit, or none that a bundle can be made of.
    """
    commit = resolve(ref)
    folder.mkdir(parents=True, exist_ok=True)
    release = Release(commit, folder / f"{name_of(commit)}.zip", folder / "static")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        files = list(files_of(commit))
        write(files, source)
        left_out = ignored(commit, source / ".ebignore")
        kept = [plain(file) for file in files if file.path not in left_out]
        collected = collect(source)
        manifest = read_manifest(collected)
        copy_hashed(collected, manifest, release.static)
        write_zip(release.bundle, [*kept, manifest_file(manifest)], commit)
    return release


def resolve(ref: str) -> str:
    try:
        return git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    except subprocess.CalledProcessError as error:
        raise DeployError(f"git knows no commit {ref}.") from error


def name_of(commit: str) -> str:
    return f"tasklist-{commit[:12]}"


def git(*arguments: str, index: Path | None = None) -> str:
    return os.fsdecode(git_bytes(*arguments, index=index))


def git_bytes(*arguments: str, index: Path | None = None, given: bytes = b"") -> bytes:
    environment = os.environ | ({"GIT_INDEX_FILE": str(index)} if index else {})
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(
        command, env=environment, input=given, check=True, stdout=subprocess.PIPE
    ).stdout


def files_of(commit: str) -> Iterator[File]:
    """Every file of a commit as git keeps it, whatever the machine makes of line ends."""
    listed = git("ls-tree", "-r", "-z", commit).split("\0")[:-1]
    entries = [(*facts.split(), path) for facts, path in (line.split("\t", 1) for line in listed)]
    wanted = "".join(f"{digest}\n" for _, _, digest, _ in entries)
    answer = io.BytesIO(git_bytes("cat-file", "--batch", given=wanted.encode()))
    for mode, kind, _, path in entries:
        size = answer.readline().split()[-1]
        content = answer.read(int(size) + 1)[:-1] if kind == "blob" else b""
        yield File(path, int(mode, 8), content)


def write(files: list[File], folder: Path) -> None:
    for file in files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_bytes(file.content)


def plain(file: File) -> File:
    """Refuse what Elastic Beanstalk would unpack to nonsense. Raises DeployError."""
    if file.mode not in (0o100644, 0o100755):
        raise DeployError(
            f"{file.path} is a link or another repository; a bundle takes files only."
        )
    return file


def ignored(commit: str, patterns: Path) -> set[str]:
    """Paths of the commit that these patterns leave out, as git itself reads them."""
    if not patterns.exists():
        raise DeployError(
            f"the commit {commit[:12]} has no .ebignore, so nobody knows what to take."
        )
    index = patterns.with_name(".index")
    git("read-tree", commit, index=index)
    listed = git(
        "ls-files", "-z", "--cached", "--ignored", f"--exclude-from={patterns}", index=index
    )
    return set(listed.split("\0"))


def collect(source: Path) -> Path:
    """Collect the static files under their hashed names, as the commit itself does it."""
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=source,
        env={"PATH": os.environ["PATH"], **PLACEHOLDERS},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2]
        raise DeployError(f"the commit's static files cannot be collected: {why}")
    return source / "staticfiles"


def read_manifest(collected: Path) -> dict[str, object]:
    """Read the manifest with its paths sorted: they come in the order of a directory."""
    manifest = json.loads((collected / MANIFEST).read_text())
    return manifest | {"paths": dict(sorted(manifest["paths"].items()))}


def copy_hashed(collected: Path, manifest: dict[str, object], static: Path) -> None:
    shutil.rmtree(static, ignore_errors=True)
    for name in manifest["paths"].values():  # type: ignore[attr-defined]
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(collected / name, static / name)


def manifest_file(manifest: dict[str, object]) -> File:
    return File(MANIFEST, 0o100644, json.dumps(manifest).encode())


def write_zip(target: Path, files: list[File], commit: str) -> None:
    """Write a zip that depends on the commit alone: its time, and no compression.

    Compressed bytes differ from one zlib to the next.
    """
    seconds = int(git("log", "-1", "--format=%ct", commit))
    made = datetime.fromtimestamp(seconds, UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w") as bundle:
        for file in files:
            entry = zipfile.ZipInfo(file.path, made)
            entry.create_system = 3  # Unix, so that run bits count
            entry.external_attr = file.mode << 16
            bundle.writestr(entry, file.content)


def make(ref: str) -> None:
    """Make a bundle and look what is wrong with it. Raises DeployError."""
    release = build(ref)
    if found := lint.findings(release.bundle):
        raise DeployError("the bundle is not right:\n" + "\n".join(found))
    size = release.bundle.stat().st_size / 1024
    say(f"{release.bundle.relative_to(ROOT)}: {size:.0f} kB, nothing wrong with it")


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the source bundle of a git commit.")
    parser.add_argument("ref", nargs="?", default="HEAD", help="the commit (default: HEAD)")
    ref = parser.parse_args().ref
    return exit_status(lambda: make(ref))


if __name__ == "__main__":
    sys.exit(main())
