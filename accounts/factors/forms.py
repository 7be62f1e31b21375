"""The forms of django-allauth's second factors, in our words and stricter where it matters."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm as AllauthAuthenticateWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as AllauthEditWebAuthnForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm as AllauthLoginWebAuthnForm
from allauth.mfa.webauthn.forms import (
    ReauthenticateWebAuthnForm as AllauthReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import get_state
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from fido2.webauthn import UserVerificationRequirement

from accounts import event_words
from accounts.actions import events, factors
from accounts.factors.adapter import Factors
from accounts.forms import drop_placeholders
from accounts.guessing import throttles
from accounts.models import SecurityEvent, User
from tasklist.throttled import TooManyAttempts

MOST_PASSKEYS = 20
NAME_LENGTH = 100
# What its parsers raise for answers that no browser sends.
NONSENSE = (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError)


@contextmanager
def nonsense_refused() -> Iterator[None]:
    """An answer that is none of a passkey's is a wrong one, not a fault of ours."""
    try:
        yield
    except NONSENSE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class OnceOnly(forms.Form):
    """A code of the app signs in once, also where clocks differ and it is good a while longer."""

    saves_nothing = True
    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.factors = Factors.of(self.user)
        self.fields["code"].label = label_of_code(self.factors)
        drop_placeholders(self)

    def clean_code(self) -> str:
        """Raises TooManyAttempts before it is compared."""
        guess = throttles.guess(context.request, account=self.user, at="code")
        code: str = super().clean_code()  # type: ignore[misc]
        if not factors.spend_code(authenticator=self.authenticator, code=code, by=None):
            raise get_adapter().validation_error("incorrect_code")
        guess.right()
        return code


def label_of_code(factors: Factors) -> str:
    if not factors.app:
        return _("A recovery code")
    if factors.codes_left is None:
        return _("Code of your app")
    return _("Code of your app, or a recovery code")


class AuthenticateForm(OnceOnly, AllauthAuthenticateForm):
    """Asked of those who have shown the first factor, on the page and by the API."""

    def clean_code(self) -> str:
        """A wrong one is told to whose account it is: somebody may have their password."""
        try:
            return super().clean_code()
        except TooManyAttempts:  # told already
            raise
        except ValidationError:
            note_refused(self.user, SecurityEvent.Kind.WRONG_CODE)
            raise


def note_refused(user: User, kind: SecurityEvent.Kind, after: str = "") -> None:
    """With what was right before it (of `event_words.AFTER`): that may be in wrong hands, too."""
    after = after or event_words.right_so_far(context.request, user)
    events.note_refusal(user=user, kind=kind, by=None, after=after)


class ReauthenticateForm(OnceOnly, AllauthReauthenticateForm):
    pass


class ActivateTOTPForm(AllauthActivateTOTPForm):
    saves_nothing = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = gettext_lazy("The code that the app shows")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": "10"}
        drop_placeholders(self)

    @property
    def secret_to_type(self) -> str:
        """In groups of four letters."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class AddWebAuthnForm(AllauthAddWebAuthnForm):
    field_order = ("name", "passwordless")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe_name(self.fields["name"])
        self.fields["passwordless"].label = gettext_lazy("It signs me in without a password")
        self.fields["passwordless"].help_text = gettext_lazy(
            "It then asks for your fingerprint, face or PIN. Old security keys cannot do that: "
            "without the tick they are asked for after the password."
        )
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, Any]:
        if Authenticator.objects.filter(user=self.user, type="webauthn").count() >= MOST_PASSKEYS:
            message = _("You have %(count)d passkeys. Remove one that you no longer use first.")
            raise ValidationError(message % {"count": MOST_PASSKEYS}, code="too_many")
        with nonsense_refused():
            cleaned: dict[str, Any] = super().clean()
            return keep_choice(cleaned)


def keep_choice(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Whether it signs in alone is what its person chose: what the browser says is not signed.

    Kept where allauth looks for that: `is_passwordless`.
    """
    if credential := cleaned.get("credential"):
        chosen = {"rk": bool(cleaned.get("passwordless"))}
        credential["clientExtensionResults"] = {"credProps": chosen}
    return cleaned


class EditWebAuthnForm(AllauthEditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe_name(self.fields["name"])


class AnswerOfAPasskey(forms.Form):
    saves_nothing = True
    user: User | None

    def clean_credential(self) -> Authenticator:
        """Raises TooManyAttempts before it is looked at; by address alone where it names the user.

        Anybody could write a name into it, so nobody is told then. Nor where the question is too
        old: that is no wrong answer.
        """
        guess = throttles.guess(context.request, account=self.user, at="code")
        was_asked = get_state()
        try:
            with nonsense_refused():
                answer: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            if was_asked and self.user:
                note_refused(self.user, SecurityEvent.Kind.PASSKEY_REFUSED)
            raise
        guess.right()
        return answer


class AuthenticateWebAuthnForm(AnswerOfAPasskey, AllauthAuthenticateWebAuthnForm):
    pass


class ReauthenticateWebAuthnForm(AnswerOfAPasskey, AllauthReauthenticateWebAuthnForm):
    pass


class LoginWebAuthnForm(AnswerOfAPasskey, AllauthLoginWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        """Only a passkey that was added to sign in alone, after a finger, a face or a PIN.

        That the answer tells of one is checked by fido2, where the question demanded it.
        """
        asked = get_state() or {}
        if asked.get("user_verification") != UserVerificationRequirement.REQUIRED:
            raise get_adapter().validation_error("incorrect_code")
        passkey = super().clean_credential()
        if not passkey.wrap().is_passwordless:
            note_refused(passkey.user, SecurityEvent.Kind.PASSKEY_REFUSED, after="nothing")
            message = _("This passkey is asked for after your password. Sign in with that first.")
            raise ValidationError(message, code="second")
        return passkey


def describe_name(field: forms.Field) -> None:
    field.label = gettext_lazy("Name")
    field.help_text = gettext_lazy("To tell it from others: where it is kept, say.")
    field.widget.attrs["maxlength"] = str(NAME_LENGTH)
    field.validators.append(MaxLengthValidator(NAME_LENGTH))
