"""The bundle is made of a commit, by a list of what belongs into it, and of nothing else."""

import json
import subprocess
import zipfile

import pytest

from deploy import bundle
from deploy.command import DeployError

pytestmark = pytest.mark.once


def git(folder, *arguments):
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A clone of this repository, in which a test may commit what it likes."""
    folder = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", str(bundle.ROOT), str(folder))
    monkeypatch.setattr(bundle, "ROOT", folder)
    return folder


def commit(checkout):
    git(checkout, "add", "--all", "--force")
    git(checkout, "commit", "--quiet", "--message", "x")


def built(checkout, name="release"):
    return bundle.build("HEAD", checkout.parent / name)


def names(release):
    with zipfile.ZipFile(release.bundle) as archive:
        return set(archive.namelist())


def test_what_belongs_is_in_it_and_the_rest_is_not(checkout):
    release = built(checkout)

    inside = names(release)
    assert {"Procfile", "manage.py", "requirements/base.txt", "staticfiles.json"} <= inside
    assert {"tasks/models/tasks.py", "templates/base.html", ".ebextensions/90_release.config"} <= (
        inside
    )
    tops = {name.partition("/")[0] for name in inside}
    assert tops & {"static", "deploy", "docs", "bench", ".github", ".env.example", "tests"} == set()
    assert not [name for name in inside if "/tests/" in name]
    with zipfile.ZipFile(release.bundle) as archive:
        hook = archive.getinfo(".platform/hooks/postdeploy/90_smoke.sh")
        manifest = json.loads(archive.read("staticfiles.json"))
    assert hook.external_attr >> 16 == 0o100755
    assert all((release.static / name).is_file() for name in manifest["paths"].values())


def test_the_same_commit_gives_the_same_bytes_whatever_lies_about(checkout):
    first = built(checkout).bundle.read_bytes()
    (checkout / ".env").write_text("SECRET_KEY=hush")
    (checkout / "tasks" / "models" / "tasks.py").write_text("changed = True")
    (checkout / "tasks" / "new.py").write_text("")
    git(checkout, "config", "core.autocrlf", "true")

    assert built(checkout, "again").bundle.read_bytes() == first


def test_names_of_all_sorts_come_through(checkout):
    odd = ["tasks/Grüße 🌱.txt", "tasks/a\tb.txt", "tasks/two words.txt"]
    for name in odd:
        (checkout / name).write_text(name)
    commit(checkout)

    assert set(odd) <= names(built(checkout))


def test_a_link_is_refused(checkout):
    """A zip holds it as the text of its target, and unzip makes nonsense of it."""
    (checkout / "tasks" / "link.md").symlink_to("../README.md")
    commit(checkout)

    with pytest.raises(DeployError, match=r"tasks/link\.md is a link"):
        built(checkout)


def test_a_commit_that_is_none_is_said_in_a_line():
    with pytest.raises(DeployError, match="git knows no commit no-such-branch"):
        bundle.build("no-such-branch")


def test_a_commit_without_the_list_is_refused(checkout):
    (checkout / ".ebignore").unlink()
    commit(checkout)

    with pytest.raises(DeployError, match=r"has no \.ebignore"):
        built(checkout)


def test_static_files_that_cannot_be_collected_are_said_in_a_line(checkout):
    (checkout / "tasklist" / "settings.py").write_text("import not_there")
    commit(checkout)

    with pytest.raises(DeployError, match="cannot be collected: ModuleNotFoundError"):
        built(checkout)
