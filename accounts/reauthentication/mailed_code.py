"""Who has neither a password nor a second factor shows by a mailed code that it is them.

They come in by a linked account. django-allauth, which asks everybody else again, lets
them do everything for as long as their session lasts.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.internal.cryptokit import compare_user_code
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

MINUTES, TRIES = 10, 3
KEY = "accounts.reauthentication"
WAYS = {
    "reauthenticate": gettext_lazy("Your password"),
    "mfa_reauthenticate": gettext_lazy("A code of your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": gettext_lazy("A passkey"),
    "by_mail": gettext_lazy("A code by mail"),
}


def has_nothing_to_show(user: Any) -> bool:
    """Whether neither a password nor a factor is theirs."""
    return user.is_authenticated and not get_reauthentication_flows(user)


def ways_for(user: Any, methods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ways to show that it is you: allauth's, and a mailed code where it has none."""
    if has_nothing_to_show(user):
        methods = [{"id": "by_mail", "url": reverse("account_reauthenticate_by_mail")}]
    return [method | {"description": WAYS[method["id"]]} for method in methods]


def came_lately(request: HttpRequest) -> bool:
    """Whether they signed in, or typed a mailed code, so lately that nobody asks again."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < REAUTHENTICATION_TIMEOUT


class MailedCode(AbstractCodeVerificationProcess):
    """One code on its way; the session keeps a digest of it, and how often somebody guessed."""

    def __init__(self, request: HttpRequest, state: dict) -> None:
        super().__init__(max_attempts=TRIES, timeout=MINUTES * 60, state=state, user=request.user)
        self.request = request

    @classmethod
    def of(cls, request: HttpRequest) -> "MailedCode | None":
        """The one that is waited for, if it is still good."""
        state = request.session.get(KEY)
        return cls(request, state).abort_if_invalid() if state else None

    @classmethod
    def begin(cls, request: HttpRequest, email: str) -> None:
        process = cls(request, cls.initial_state(request.user, email))
        process.send()
        process.persist()

    def send(self) -> None:
        code = get_adapter().generate_login_code()
        self.state["digest"] = digest(code)
        context = {"request": self.request, "code": code}
        get_adapter().send_mail("account/email/login_code", self.state["email"], context)

    def persist(self) -> None:
        self.request.session[KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(KEY, None)

    def is_answered_by(self, code: str) -> bool:
        """Whether this is the code; then it is used up, and the session is good for a while."""
        if not compare_user_code(actual=digest(code), expected=self.state["digest"]):
            self.record_invalid_attempt()
            return False
        self.abort()
        record_authentication(self.request, self.user, method="code", reauthenticated=True)
        return True


def digest(code: str) -> str:
    plain = "".join(filter(str.isalnum, code)).upper()
    return salted_hmac(KEY, plain, algorithm="sha256").hexdigest()
