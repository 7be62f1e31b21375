"""Pages stay light: for slow lines and old telephones."""

import subprocess
from datetime import timedelta
from pathlib import Path

from tasks.models import Priority
from tasks.tests.factories import TaskFactory

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
KB = 1_000
# Everything that this project serves as a file of its own. What others made comes from
# the wheels in requirements/, where it is pinned, and never from this repository.
OUR_OWN = {
    "css/admin.css",
    "css/app.css",
    "css/docs.css",
    "img/logo.svg",
    "img/today.png",
    "js/app.js",
    "js/docs.js",
}


def size(pattern):
    return sum(file.stat().st_size for file in STATIC.rglob(pattern))


def test_our_styles_have_at_most_40_kb():
    assert size("*.css") <= 40 * KB


def test_our_scripts_have_at_most_30_kb():
    assert size("*.js") <= 30 * KB


def test_no_picture_has_more_than_200_kb():
    assert max(file.stat().st_size for file in STATIC.rglob("*.png")) <= 200 * KB


def test_nothing_of_others_is_committed_among_the_static_files():
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "static"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {file.removeprefix("static/") for file in files.splitlines()} == OUR_OWN


def test_a_list_of_50_full_rows_has_at_most_60_kb(signed_in, owner, editor, shared_list):
    for number in range(50):
        TaskFactory(
            title=f"Ask the printer about sample {number}",
            task_list=shared_list,
            labels=["to borrow", "waiting"],
            due_date=owner.today() - timedelta(days=number % 3),
            priority=Priority.HIGH,
            assignee=editor,
            by=owner,
        )
    page = signed_in(owner).get(f"/lists/{shared_list.pk}/").content

    assert page.count(b'class="task"') == 50
    assert len(page) <= 60 * KB
