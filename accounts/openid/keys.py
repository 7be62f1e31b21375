"""The public keys that a provider signs with: fetched seldom, whatever tokens say.

PyJWT's own client fetches again for each key it does not know where the last answer failed,
and its timeout is that of one read, not of the whole: here a token that names a key of its own
costs nothing, and a provider that is down or hangs costs a few seconds once in a while.
"""

import logging
import threading
import time
from functools import cache

import jwt

logger = logging.getLogger(__name__)

DEADLINE = 4.0  # seconds for the whole fetch: a name to resolve, TLS, the answer
READ = 3.0  # seconds that a single read may take
PAUSE = 120  # seconds between two fetches, whatever came of the first
FRESH = 60 * 60  # seconds after which keys are asked for again
GOOD = 60 * 60 * 24  # seconds for which they hold where nobody answers


class UnknownKey(Exception):
    """The provider has no such key."""


class KeysUnavailable(Exception):
    """The provider does not say which keys it has: nobody can tell whether a token is good."""


class Keys:
    """The keys at one address, shared by the threads of this process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, jwt.PyJWK] = {}
        self.answered_at = self.asked_at = float("-inf")
        self.asking = threading.Lock()

    def find(self, kid: object) -> jwt.PyJWK:
        """The key with this id. Raises UnknownKey, and KeysUnavailable within DEADLINE."""
        if kid not in self.keys or age(self.answered_at) > FRESH:
            self.ask(wait=kid not in self.keys)
        if age(self.answered_at) > GOOD:
            raise KeysUnavailable
        if isinstance(kid, str) and kid in self.keys:
            return self.keys[kid]
        if self.answered_at < self.asked_at:  # it may be new, and we could not ask
            raise KeysUnavailable
        raise UnknownKey

    def ask(self, *, wait: bool) -> None:
        """Fetch the keys, unless that was tried a moment ago; one thread asks, for all.

        `wait` for one that asks already: not with a key that will do meanwhile.
        """
        if not self.asking.acquire(blocking=wait):
            return
        try:
            if age(self.asked_at) > PAUSE:
                self.asked_at = time.monotonic()
                self.take(within(DEADLINE, self.url))
        finally:
            self.asking.release()

    def take(self, found: dict[str, jwt.PyJWK]) -> None:
        if found:
            self.keys, self.answered_at = found, time.monotonic()


def age(moment: float) -> float:
    return time.monotonic() - moment


def within(seconds: float, url: str) -> dict[str, jwt.PyJWK]:
    """The keys, or none where they are not there in time.

    In a thread of its own, since nothing else ends the resolving of a name or an answer that
    comes drop by drop.
    """
    answers: list[dict[str, jwt.PyJWK]] = []
    thread = threading.Thread(target=lambda: answers.append(fetched(url)), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else {}


def fetched(url: str) -> dict[str, jwt.PyJWK]:
    """The keys for RS256 by their ids; none where no such answer came."""
    client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=READ)
    try:
        found = client.get_signing_keys()
    except (jwt.PyJWTError, OSError, ValueError):
        logger.warning("the keys of the OpenID provider cannot be fetched", exc_info=True)
        return {}
    return {key.key_id: key for key in found if key.key_id and key.algorithm_name == "RS256"}


@cache
def keys_at(url: str) -> Keys:
    return Keys(url)
