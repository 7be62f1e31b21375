"""Looks at a release from outside, over HTTPS as browsers do."""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

from deploy.command import ChangeFailed, DeployError, say
from deploy.uploads import FOREVER, Upload
from deploy.waiting import rounds

SECONDS = 60
NEW_SECONDS = 600  # a name that was looked up before there was one stays unknown for minutes
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

    if found := last_problem(problem, url, SECONDS):
        raise DeployError(
            f"browsers would not get static files from {url}: {found}. What runs is untouched. "
            f"Look at the distribution, and at the policy of the bucket {upload.bucket}."
        )


def page(url: str, seconds: float) -> None:
    """Make sure that this address answers 200, within this time. Raises ChangeFailed."""

    def problem() -> str:
        status, _, _ = get(url)
        return "" if status == 200 else f"it answers {status}"

    if found := last_problem(problem, url, seconds):
        raise ChangeFailed(
            f"the environment runs the release, but not well at {url}: {found}. Either the name "
            "does not lead to the site (yet), or the site fails: web.stdout.log in CloudWatch "
            "says why. Mend that and deploy again."
        )


def last_problem(problem: Callable[[], str], url: str, seconds: float) -> str:
    """Ask until there is no problem; DNS, distributions and instances take a while."""
    told = found = ""
    for _ in rounds(seconds, PAUSE_SECONDS):
        try:
            found = problem()
        except (OSError, http.client.HTTPException) as error:
            found = f"it does not answer ({error})"
        if not found:
            break
        if found != told:
            told = found
            say(f"Waiting for {url}, {seconds / 60:.0f} min at most: {found}.")
    return found


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
