"""The source bundle: a commit's files that `.ebignore` keeps, and the manifest of static files.

Made from git and nothing else, so that the same commit gives the same bundle, to the byte, and
whatever lies about in the working directory stays there.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy import lint

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

    Raises subprocess.CalledProcessError where there is no such commit, or where its static files
    cannot be collected.
    """
    commit = git("rev-parse", "--verify", f"{ref}^{{commit}}").strip()
    folder.mkdir(parents=True, exist_ok=True)
    release = Release(commit, folder / f"{name_of(commit)}.zip", folder / "static")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        unpack(commit, source)
        left_out = set(ignored(commit, source / ".ebignore"))
        collected = collect(source)
        manifest = read_manifest(collected)
        copy_hashed(collected, manifest, release.static)
        write_zip(release.bundle, bundled(source, commit, left_out, manifest), commit)
    return release


def name_of(commit: str) -> str:
    return f"tasklist-{commit[:12]}"


def git(*arguments: str, index: Path | None = None) -> str:
    environment = os.environ | ({"GIT_INDEX_FILE": str(index)} if index else {})
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def unpack(commit: str, folder: Path) -> None:
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit], check=True, stdout=subprocess.PIPE
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def ignored(commit: str, patterns: Path) -> list[str]:
    """Paths of the commit that these patterns leave out, as git itself reads them."""
    index = patterns.with_name(".index")
    git("read-tree", commit, index=index)
    listed = git(
        "ls-files", "-z", "--cached", "--ignored", f"--exclude-from={patterns}", index=index
    )
    index.unlink()
    return listed.split("\0")


def collect(source: Path) -> Path:
    """Collect the static files under their hashed names, as the commit itself does it."""
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=source,
        env={"PATH": os.environ["PATH"], **PLACEHOLDERS},
        check=True,
    )
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


def bundled(
    source: Path, commit: str, left_out: set[str], manifest: dict[str, object]
) -> Iterator[tuple[str, int, bytes]]:
    """(path, mode, content) of everything in the bundle, in order."""
    for line in git("ls-tree", "-r", "-z", commit).split("\0")[:-1]:
        facts, path = line.split("\t")
        if path not in left_out:
            yield path, int(facts[:6], 8), (source / path).read_bytes()
    yield MANIFEST, 0o100644, json.dumps(manifest).encode()


def write_zip(target: Path, files: Iterator[tuple[str, int, bytes]], commit: str) -> None:
    """Write a zip that depends on the commit alone: its time, and no compression.

    Compressed bytes differ from one zlib to the next.
    """
    seconds = int(git("log", "-1", "--format=%ct", commit))
    made = datetime.fromtimestamp(seconds, UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w") as bundle:
        for path, mode, content in files:
            entry = zipfile.ZipInfo(path, made)
            entry.create_system = 3  # Unix, so that run bits count
            entry.external_attr = mode << 16
            bundle.writestr(entry, content)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the source bundle of a git commit.")
    parser.add_argument("ref", nargs="?", default="HEAD", help="the commit (default: HEAD)")
    release = build(parser.parse_args().ref)
    findings = lint.findings(release.bundle)
    print("\n".join(findings))
    if not findings:
        size = release.bundle.stat().st_size / 1024
        print(f"{release.bundle.relative_to(ROOT)}: {size:.0f} kB, nothing wrong with it")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
