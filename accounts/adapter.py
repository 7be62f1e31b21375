"""The few decisions that django-allauth leaves to us."""

import logging
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import sessions, told
from accounts.actions import events, users
from accounts.actions import sessions as session_actions
from accounts.models import SecurityEvent, User
from accounts.verified import verified_address
from ledger.actions import deliveries
from tasklist.letters import as_html

logger = logging.getLogger(__name__)

Kind = SecurityEvent.Kind
LINKS = ("activate_url", "password_reset_url", "signup_url")


class Adapter(DefaultAccountAdapter):
    """Writes through our actions, links to BASE_URL, and has the worker send mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may open an account, on the page and by the API."""
        return bool(settings.REGISTRATION == "open")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What guesses are counted by: allauth adds the Host, of which a guesser has many."""
        return f"login:{credentials.get('email') or credentials.get('username') or ''}".lower()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        data = form.cleaned_data
        try:
            return users.create(
                username=data["username"],
                password=data["password1"],
                email=data.get("email") or "",
                by=None,
            )
        except ValidationError as error:  # somebody took the name since the form was checked
            messages.error(request, " ".join(error.messages))
            raise ImmediateHttpResponse(redirect("account_signup")) from error

    # Sessions
    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sessions.stamp(request.session)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """They are in. allauth makes the row of the session where this calls it."""
        session_actions.make_room(user=user, by=user)
        kind = Kind.SIGNED_UP if how["signup"] else Kind.SIGNED_IN
        ways = told.ways_in(request, user)
        events.note(user=user, kind=kind, by=user, ways=ways)
        if "recovery_codes" in ways:
            self.send_notification_mail("accounts/email/recovery_code_used", user)
        return super().post_login(request, user, **how)

    def logout(self, request: HttpRequest) -> None:
        user, key = cast(User, request.user), request.session.session_key
        session_actions.sign_out(user=user, key=key, by=user)
        super().logout(request)

    # What the person should recognise
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        done = super().confirm_email(request, email_address)
        if done:
            user = email_address.user
            kind = Kind.EMAIL_VERIFIED
            events.note(user=user, kind=kind, by=user, email=email_address.email)
        return done

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Note it, and ask a verified address of theirs whether it was them.

        Never an unverified one, which may be a stranger's.
        """
        if kind := told.NOTIFICATIONS.get(template_prefix):
            events.note(user=user, kind=kind, by=user, **told.details_of(context or {}))
        if address := verified_address(user, email):
            context = {"user": user, **(context or {})}
            super().send_notification_mail(template_prefix, user, context, address)

    def unstash_verified_email(self, request: HttpRequest) -> None:
        """Nobody brings a verified address along, and programs get no session by asking for one."""

    def set_password(self, user: User, password: str) -> None:
        changed = users.set_password(user=user, password=password, by=user)
        # So the session that changed it stays signed in.
        user.password, user.session_epoch = changed.password, changed.session_epoch

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        domain = urlsplit(settings.BASE_URL).netloc
        context |= {"current_site": SimpleNamespace(name="Tasklist", domain=domain)}
        context |= {name: on_our_site(context[name]) for name in LINKS if name in context}
        mail = self.render_mail(template_prefix, email, {"email": email, **context})
        try:
            deliveries.plan(
                recipient=email,
                subject=str(mail.subject),
                text=str(mail.body),
                html=as_html(str(mail.body)),
                kind=template_prefix,
                user=context.get("user"),
                by=None,
            )
        except ValidationError as error:
            logger.warning("mail %s cannot be sent: %s", template_prefix, error.messages)


def on_our_site(url: str) -> str:
    """The same path on BASE_URL: whoever asked may have sent a Host header of their own."""
    return settings.BASE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()
