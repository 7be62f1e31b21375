"""Browsers in which nothing may go wrong unseen.

Every page that a test opens is watched: an error or warning in the console, a script that
fails, a breach of the Content-Security-Policy, an answer of 500 or a request to another
host fails the test, whatever else it is about.
"""

import os
import re
import shutil

import pytest
from django.conf import settings
from django.test import Client

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# Chromium comments on every answer of 400 and more; which of them are right, tests say.
REFUSED = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")
REPORT_BREACHES = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@pytest.fixture(scope="session", autouse=True)
def database_beside_an_event_loop():
    """Playwright runs an event loop in this thread; Django would refuse to use its database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return {**browser_type_launch_args, "executable_path": found, "args": list(QUIET)}


@pytest.fixture
def open_page(browser, live_server):
    """`open_page(user)`: a page in a browser of its own, in which this person is signed in.

    `also`: the address of another host that it may ask.
    """
    contexts, trouble = [], []

    def open_page(user=None, *, javascript=True, also="", **options):
        context = browser.new_context(
            base_url=live_server.url,
            java_script_enabled=javascript,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(5_000)
        contexts.append(context)
        if user:
            context.add_cookies([session_of(user, live_server.url)])
        page = context.new_page()
        watch(page, trouble, [live_server.url, also] if also else [live_server.url])
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def page(open_page):
    """A visitor's browser."""
    return open_page()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request):
    """Runs the test twice: everything works without JavaScript too."""
    return request.param


def watch(page, trouble, origins):
    page.add_init_script(REPORT_BREACHES)
    page.on("console", lambda message: trouble.extend(complaint(message)))
    page.on("pageerror", lambda error: trouble.append(f"script failed: {error}"))
    page.on("request", lambda request: trouble.extend(request_elsewhere(request.url, origins)))
    page.on("response", lambda response: trouble.extend(failed(response)))


def complaint(message):
    if message.type in ("error", "warning") and not REFUSED.match(message.text):
        yield f"console: {message.text}"


def request_elsewhere(url, origins):
    if not url.startswith((*(f"{origin}/" for origin in origins), "data:", "about:")):
        yield f"asked another host: {url}"


def failed(response):
    if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
        yield f"{response.status}: {response.url}"


def session_of(user, url):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}
