"""Pictures of Tasklist for the guide and the landing page: `make screenshots`.

Starts the app with its demo data in a temporary directory, signs in as demo and takes
them with a headless Chromium. The same code gives the same pictures on the same day.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
LANDING = ROOT / "static" / "img" / "today.png"
LARGEST = 200_000  # bytes
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
START_SECONDS = 30


@contextmanager
def running_app(folder: Path, password: str) -> Iterator[str]:
    """The address of a Tasklist with demo data; its database lies in `folder`."""
    port = str(free_port())
    environment = os.environ | {
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{folder}/tasklist.sqlite3",
        "DEMO_PASSWORD": password,
        "PORT": port,
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    quiet = {"stdout": subprocess.DEVNULL, "env": environment, "cwd": ROOT}
    subprocess.run([*manage, "demo"], check=True, **quiet)
    serve = [*manage, "runserver", "--noreload", f"127.0.0.1:{port}"]
    server = subprocess.Popen(serve, stderr=subprocess.DEVNULL, **quiet)
    try:
        address = f"http://localhost:{port}"
        wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(f"{address}/healthz").close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Tasklist did not start.")


@contextmanager
def browser_page(address: str) -> Iterator[Page]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise SystemExit("Chromium is not installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser.new_page(base_url=address, viewport=DESKTOP, reduced_motion="reduce")
        browser.close()


def sign_in(page: Page, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Today", level=1).wait_for()


def take(page: Page, name: str) -> Path:
    """The page as it stands, without a message or a focus ring."""
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.getElementById('messages').replaceChildren()")
    page.mouse.move(0, 0)
    file = PICTURES / name
    page.screenshot(path=file, animations="disabled", caret="hide")
    if file.stat().st_size > LARGEST:
        raise SystemExit(f"{name} has more than {LARGEST:,} bytes.")
    return file


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()
    page.get_by_role("heading", name=name, level=1).wait_for()


def take_all(page: Page) -> None:
    LANDING.write_bytes(take(page, "today.png").read_bytes())
    follow(page, "Plan the launch day")
    take(page, "task.png")
    page.emulate_media(color_scheme="dark")
    follow(page, "Website relaunch")
    take(page, "list-dark.png")
    page.emulate_media(color_scheme="light")
    follow(page, "Products")
    take(page, "products.png")
    page.set_viewport_size(PHONE)
    follow(page, "Today")
    take(page, "today-phone.png")


def main() -> None:
    password = secrets.token_urlsafe(12)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), password) as address,
        browser_page(address) as page,
    ):
        sign_in(page, password)
        take_all(page)
    for file in sorted(PICTURES.glob("*.png")):
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
