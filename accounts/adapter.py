"""The few decisions that django-allauth leaves to us."""

import logging
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as requests
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import event_words, sessions, waiting
from accounts.actions import events, newcomers, users
from accounts.actions import sessions as session_actions
from accounts.guessing import known_browsers, throttles
from accounts.models import SecurityEvent, User, time_zones
from accounts.reauthentication.mailed_code import came_lately, has_nothing_to_show, ways_for
from accounts.registering import refusal
from accounts.verification_links import BoundLink
from accounts.verified import mail_verifies, owner_of, verified_address
from ledger.actions import deliveries
from tasklist.addresses import client_address
from tasklist.letters import as_html, as_text
from tasklist.redirects import is_path

logger = logging.getLogger(__name__)

Kind = SecurityEvent.Kind
INVITATION = "invitation"  # in the session: the digest of the one that led here
NOT_THE_PASSWORD = gettext_lazy("This is not the password of anybody with this name or address.")
LINKS = ("activate_url", "password_reset_url", "signup_url")


class Adapter(DefaultAccountAdapter):
    """Writes through our actions, links to BASE_URL, and has the worker send mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NOT_THE_PASSWORD,
        "username_password_mismatch": NOT_THE_PASSWORD,
        "enter_current_password": gettext_lazy("That is not your password."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "incorrect_code": gettext_lazy("This is not the code, or it is too old."),
        "username_taken": gettext_lazy("Somebody has this username already. Choose another one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may open an account: anybody, or who came by an invitation."""
        return refusal(request.session.get(INVITATION, "")) is None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Whose the password is. Raises TooManyAttempts before it is hashed."""
        typed = credentials.get("username") or credentials.get("email") or ""
        guess = throttles.guess(request, account=typed, at="login")
        user: User | None = super().authenticate(request, **credentials)
        if user:
            guess.right()
        return user

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        data = form.cleaned_data
        try:
            user = newcomers.open_account(
                invitation=request.session.get(INVITATION, ""),
                by=None,
                username=data["username"],
                password=data["password1"],
                email=data.get("email") or "",
                **guessed(data.get("time_zone")),
            )
        except ValidationError as error:  # somebody took the name since the form was checked
            messages.error(request, " ".join(error.messages))
            raise ImmediateHttpResponse(redirect("account_signup")) from error
        request.session.pop(INVITATION, None)
        return user

    # Sessions
    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """Their password is right, say, and a second factor may be asked for."""
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        if answer is None:
            waiting.begin(request.session, waiting.SIGN_IN, user)
        return answer

    def login(self, request: HttpRequest, user: User) -> None:
        """All stages are done. Refused where everything of theirs was ended meanwhile."""
        if not waiting.holds(request.session, waiting.SIGN_IN, user):
            request.session.flush()
            messages.error(request, _("This sign-in was ended meanwhile. Sign in again."))
            raise ImmediateHttpResponse(redirect("account_login"))
        del request.session[waiting.SIGN_IN]
        known_browsers.look(request, user)
        super().login(request, user)
        sessions.stamp(request.session)
        session_actions.begin(request=request, by=user)
        vars(request)[sessions.KEPT] = request.session.session_key

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """They are in."""
        known_browsers.remember(request, user)
        kind = Kind.NEW_BROWSER if known_browsers.is_new(request) else Kind.SIGNED_IN
        kind = Kind.SIGNED_UP if how["signup"] else kind
        events.note(user=user, kind=kind, by=user, ways=event_words.ways_in(request, user))
        return super().post_login(request, user, **how)

    def logout(self, request: HttpRequest) -> None:
        user, key = cast(User, request.user), request.session.session_key
        session_actions.sign_out(user=user, key=key, by=user)
        super().logout(request)

    # What the person should recognise
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A letter goes to the address that was verified before, if there is one."""
        user, kind = email_address.user, Kind.EMAIL_VERIFIED
        before = verified_address(user)
        done = super().confirm_email(request, email_address)
        if done:
            events.note(user=user, kind=kind, by=user, to=before or "", email=email_address.email)
        return done

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Note what allauth would tell by mail: our own goes out with it, to who has verified it.

        Raises KeyError for what event_words.NOTIFICATIONS has no words for.
        """
        kind = event_words.NOTIFICATIONS[template_prefix]
        about = event_words.details_of(context or {})
        events.note(user=user, kind=kind, by=user, to=email, **about)

    def unstash_verified_email(self, request: HttpRequest) -> None:
        """Nobody brings a verified address along, and programs get no session by asking for one."""

    def is_safe_url(self, url: str) -> bool:
        """Only paths of ours: allauth would let every other host in that we answer to."""
        return is_path(url)

    def should_send_confirmation_mail(
        self, request: HttpRequest, email_address: EmailAddress, signup: bool
    ) -> bool:
        return mail_verifies()

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """The link that verifies an address. Who asks too often has it in the mails before.

        The first one comes with the account, before anybody has a session: it is not bound to one.
        """
        address = emailconfirmation.email_address
        wanted = self.should_send_confirmation_mail(request, address, signup)
        if wanted and not throttles.wait_for_mail(address.email):
            link = emailconfirmation if signup else BoundLink(address)
            self.plan_confirmation(request, link, signup)

    def plan_confirmation(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """The same, not counted: it may be part of a transaction."""
        super().send_confirmation_mail(request, emailconfirmation, signup)

    def respond_email_verification_sent(
        self, request: HttpRequest, user: User | None
    ) -> HttpResponseBase:
        """Somebody who has no address at all is told so: no mail is on its way to them."""
        if user and not EmailAddress.objects.filter(user=user).exists():
            return render(request, "account/no_address.html", status=403)
        return super().respond_email_verification_sent(request, user)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Nor the last verified one, where nobody signs in without."""
        verified = EmailAddress.objects.filter(user=email_address.user_id, verified=True)
        mandatory = settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory"
        if mandatory and not verified.exclude(pk=email_address.pk).exists():
            return False
        return bool(super().can_delete_email(email_address))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")

    def set_password(self, user: User, password: str) -> None:
        changed = users.set_password(user=user, password=password, by=user)
        # So the session that changed it stays signed in.
        user.password, user.session_epoch = changed.password, changed.session_epoch
        # Whoever came by a link can then sign in, however many guess at the account.
        known_browsers.remember(self.request, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Also of those who can show neither a password nor a factor, whom allauth never asks.

        Raises ReauthenticationRequired for them, as allauth does for all others.
        """
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        request = requests.request
        if required and has_nothing_to_show(request.user) and not came_lately(request):
            raise ReauthenticationRequired
        return required

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        return ways_for(user, super().get_reauthentication_methods(user))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        domain = urlsplit(settings.BASE_URL).netloc
        context |= {"current_site": SimpleNamespace(name="Tasklist", domain=domain)}
        context |= {name: on_our_site(context[name]) for name in LINKS if name in context}
        mail = self.render_mail(template_prefix, email, {"email": email, **context})
        try:
            deliveries.plan(
                recipient=email,
                subject=str(mail.subject),
                text=as_text(str(mail.body)),
                html=as_html(str(mail.body)),
                kind=template_prefix,
                user=context.get("user") or owner_of(email),
                by=None,
            )
        except ValidationError as error:
            logger.warning("mail %s cannot be sent: %s", template_prefix, error.messages)


def guessed(zone: str | None) -> dict[str, str]:
    """Where the browser of somebody new says that they are; what is no zone was no guess."""
    return {"time_zone": zone} if zone in time_zones() else {}


def on_our_site(url: str) -> str:
    """The same path on BASE_URL: whoever asked may have sent a Host header of their own."""
    return settings.BASE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()
