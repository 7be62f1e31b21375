"""Looks at a release from outside, over HTTPS as browsers do."""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from deploy.command import DeployError
from deploy.uploads import FOREVER, Upload

TRIES = 3
PAUSE_SECONDS = 20  # longer than CloudFront keeps an error, which is 10
TIMEOUT_SECONDS = 20


def static_file(url: str, upload: Upload) -> None:
    """Make sure that a static file gets to browsers, as it is and for good.

    Raises DeployError.
    """

    def problem() -> str:
        status, cache, body = get(url)
        if status != 200:
            return f"it answers {status}"
        if cache != FOREVER:
            return f"its Cache-Control is {cache!r}, not {FOREVER!r}"
        return "" if body == upload.path.read_bytes() else "it answers something else"

    insist(
        problem,
        f"browsers would not get static files from {url}: {{}}. What runs is untouched. "
        f"Look at the distribution, and at the policy of the bucket {upload.bucket}.",
    )


def page(url: str) -> None:
    """Make sure that this address answers 200. Raises DeployError."""

    def problem() -> str:
        status, _, _ = get(url)
        return "" if status == 200 else f"it answers {status}"

    insist(
        problem,
        f"the stack is complete, but not {url}: {{}}. Does its name lead to the site? "
        "What the site says is in its logs, in CloudWatch.",
    )


def insist(problem: Callable[[], str], sentence: str) -> None:
    """Ask until there is no problem; DNS, distributions and instances take a while."""
    found = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        try:
            found = problem()
        except (OSError, http.client.HTTPException) as error:
            found = f"it does not answer ({error})"
        if not found:
            return
    raise DeployError(sentence.format(found))


def get(url: str) -> tuple[int, str, bytes]:
    """(status, Cache-Control, body); redirects are not followed."""
    parts = urlsplit(url)
    link = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        link.request("GET", parts.path or "/")
        answer = link.getresponse()
        return answer.status, answer.headers.get("Cache-Control", ""), answer.read()
    finally:
        link.close()
