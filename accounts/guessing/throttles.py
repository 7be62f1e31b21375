"""How often a password, a code, a link or a token may be guessed, and a mail asked for.

A guess is counted before anything is hashed or compared, by the account and by the address
it comes from; a right one takes its own count back. Whoever is signed in, and a browser from
which the account's owner signed in before, is counted apart, and so is each way in: strangers
who guess lock nobody out of what they hold (DECISIONS.md says what is promised). Programs and
pages call `guess`; routes with limits on any call stand in ROUTES. The numbers follow GitLab
(protected paths) and NIST SP 800-63B-4, section 3.2.2.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.actions import attempts, events
from accounts.actions.attempts import Counter
from accounts.guessing import known_browsers
from accounts.models import User
from accounts.verified import account_of
from tasklist.addresses import client_address, network
from tasklist.throttled import HOUR, MINUTE, TooManyAttempts

logger = logging.getLogger(__name__)

DAY = 24 * HOUR
WITHOUT_END = 2**31 - 1  # as many as the column holds
SAFE = ("GET", "HEAD", "OPTIONS")
UNSAFE = ("post", "put", "patch", "delete")


class Limit(NamedTuple):
    most: int
    seconds: int


# Wrong guesses by whoever holds a session, and second factors after a right password.
ACCOUNT = (Limit(5, 5 * MINUTE), Limit(100, DAY))

# Wrong passwords of strangers, under each of the two kinds of names that everybody has, a username
# and addresses, whichever doorway: 100 a day in all. One address alone never fills a day.
NAME = (Limit(5, 5 * MINUTE), Limit(50, DAY))
NAME_FROM_ONE = (Limit(10, DAY),)

# Wrong guesses from one browser that the account knows, and from all of them.
BROWSER = (Limit(5, 5 * MINUTE), Limit(50, DAY))
BROWSERS = (Limit(100, DAY),)

# Wrong guesses from one address: what was guessed at -> which of them count together, and limits.
SECRET = ("secret", (Limit(10, MINUTE), Limit(100, HOUR)))
LINK = ("link", (Limit(10, MINUTE), Limit(100, HOUR)))
TOKEN = ("token", (Limit(60, MINUTE),))
ADDRESS = {
    "login": SECRET,
    "code": SECRET,
    "mailed code": SECRET,
    "link": LINK,
    "token": TOKEN,
}

# Mails that anybody can have sent to one address.
MAIL = (Limit(5, 15 * MINUTE),)

# Calls of a route, right or wrong, by one person or else from one address.
OFTEN = (Limit(30, MINUTE),)
SELDOM = (Limit(20, MINUTE), Limit(200, DAY))
RARELY = (Limit(5, DAY),)
BROWSERS_CALL = 10  # times as often as one of them, all browsers of a person together
ROUTES = {
    "account_change_password": OFTEN,
    "account_confirm_email": OFTEN,
    "account_confirm_login_code": OFTEN,
    "account_email": SELDOM,
    "account_login": OFTEN,
    "account_reauthenticate": OFTEN,
    "account_reauthenticate_by_mail": OFTEN,
    "account_request_login_code": SELDOM,
    "account_reset_password": SELDOM,
    "account_reset_password_from_key": OFTEN,
    "account_set_password": OFTEN,
    "account_signup": SELDOM,
    "accounts:data": RARELY,
    "api:close": OFTEN,
    "api:login": OFTEN,
    "api:register": SELDOM,
    "close-account": OFTEN,
    "invited": OFTEN,
    "mfa_activate_totp": OFTEN,
    "mfa_authenticate": OFTEN,
    "mfa_login_webauthn": OFTEN,
    "mfa_reauthenticate": OFTEN,
    "mfa_reauthenticate_webauthn": OFTEN,
    "openid_connect_callback": OFTEN,
    "openid_connect_login": OFTEN,
}
LINKS = {  # which are counted when they are followed, too
    "account_confirm_email",
    "account_reset_password_from_key",
    "invited",
    "openid_connect_callback",
}


@dataclass(frozen=True)
class Guess:
    """A guess that was let through, to be taken back once it proved right."""

    counters: tuple[Counter, ...]

    def right(self) -> None:
        attempts.take_back(counters=self.counters, by=None)


def guess(request: Any, *, account: User | str | None, at: str) -> Guess:
    """Count a guess before it is looked at. `account`: whose, or what was typed as their name.

    Not inside a transaction, which could take the count back. Raises TooManyAttempts.
    """
    counters = tuple(counters_of(request, account, at))
    if wait := attempts.count(counters=counters, by=None):
        user = account_of(account) if isinstance(account, str) else account
        events.note_refusal(user=user, by=None)
        refuse(request, wait, at)
    if at == "code" and isinstance(account, User) and request.user != account:
        counters += also_as_password(account)
    return Guess(counters)


def also_as_password(user: User) -> tuple[Counter, ...]:
    """Count a second factor as a password, too: whoever knows that has it hashed no more often.

    Also where these counts are full just now: a right password on its way takes its own back.
    Others cannot get here, and fill none of them.
    """
    names = named(f"username of {user.pk}", NAME) + named(f"addresses of {user.pk}", NAME)
    attempts.count(counters=[each._replace(most=WITHOUT_END) for each in names], by=None)
    return tuple(names)


def mail(request: Any, *, email: str) -> None:
    """Count a mail that is asked for. Raises TooManyAttempts, whether or not anybody has it.

    Whoever is signed in asks for their own: no stranger uses up what they may have sent.
    """
    own = f"person {request.user.pk}" if request.user.is_authenticated else email
    if wait := wait_for_mail(own):
        refuse(request, wait, "mail")


def wait_for_mail(to: str) -> int:
    """Count a mail to this address: the seconds to wait where there were too many, else 0."""
    return attempts.count(counters=named(f"mail {to.lower()}", MAIL), by=None)


def call(request: HttpRequest, view: Any) -> None:
    """Count a call of a route that has limits. Raises TooManyAttempts."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    if route not in ROUTES or not is_counted(request, view, route):
        return
    counters = calls_of(request, route)
    if wait := attempts.count(counters=counters, by=None):
        refuse(request, wait, route)


def is_counted(request: HttpRequest, view: Any, route: str) -> bool:
    """Not what only looks, except where a link leads; nor what a viewset does not take."""
    if request.method in SAFE:
        return route in LINKS
    return str(request.method).lower() in getattr(view, "actions", UNSAFE)


def counters_of(request: Any, account: User | str | None, at: str) -> list[Counter]:
    user = account_of(account) if isinstance(account, str) else account
    if own := user and apart(request, user):
        return own
    counted_with, limits = ADDRESS[at]
    by_address = named(f"{counted_with} {address(request)}", limits)
    # Three tries each and few mails bound mailed codes: no count that others could fill.
    if account is None or at == "mailed code":
        return by_address
    if not isinstance(account, str):
        return by_address + named(f"{at} {account.pk}", ACCOUNT)
    name = name_of(account, user)
    from_one = named(f"{name} from {address(request)}", NAME_FROM_ONE)
    return by_address + from_one + named(name, NAME)


def name_of(typed: str, user: User | None) -> str:
    """What guesses under a name count by: as many for a name that is nobody's.

    A username and an address do not count together: a refusal would tell whose address it is.
    """
    if user is None:
        return f"name {typed}".lower()
    return f"{'addresses' if '@' in typed else 'username'} of {user.pk}"


def apart(request: Any, user: User) -> list[Counter]:
    """What counts the guesses of the person themselves: their session, or a browser they know."""
    if request.user == user:
        is_program = bool(getattr(request, "auth", None))
        key = f"program {user.pk}" if is_program else f"session {request.session.session_key}"
        return named(key, ACCOUNT)
    if known := known_browsers.number(request, user):
        return named(f"browser {known}", BROWSER) + named(f"browsers of {user.pk}", BROWSERS)
    return []


def calls_of(request: HttpRequest, route: str) -> list[Counter]:
    """One person is one caller; a stranger is their browser, where anybody knows it, or address."""
    limits = ROUTES[route]
    if request.user.is_authenticated:
        return named(f"{route} person {request.user.pk}", limits)
    if not (known := list(known_browsers.numbers(request).items())):
        return named(f"{route} address {address(request)}", limits)
    person, browser = known[-1]
    together = [limit._replace(most=limit.most * BROWSERS_CALL) for limit in limits]
    return named(f"{route} browser {browser}", limits) + named(
        f"{route} browsers of {person}", together
    )


def address(request: HttpRequest) -> str:
    return network(client_address(request))


def named(subject: str, limits: Iterable[Limit]) -> list[Counter]:
    """Counters of a subject. Their keys are digests: the table tells nobody's name or address."""
    return [
        Counter(digest(f"{subject} {limit.seconds}"), limit.most, limit.seconds) for limit in limits
    ]


def digest(text: str) -> str:
    return salted_hmac("accounts.throttles", text, algorithm="sha256").hexdigest()


def refuse(request: Any, wait: int, at: str) -> NoReturn:
    """Raise TooManyAttempts, and have the answer be 429 where a form shows it."""
    logger.warning("too many attempts", extra={"at": at, "wait": wait})
    vars(getattr(request, "_request", request))["retry_after"] = wait
    raise TooManyAttempts(wait)
