from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import ConfirmLoginCodeForm as AllauthConfirmLoginCodeForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.forms import UserTokenForm as AllauthUserTokenForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import waiting
from accounts.actions import addresses
from accounts.guessing import throttles
from accounts.links import reset_path
from accounts.models import User, time_zones, validate_one_line
from accounts.passwords.rules import has_outgrown, help_for_newcomers, passphrase
from accounts.verified import active_owner_of, mail_verifies
from tasklist.throttled import TooManyAttempts

# RFC 5321; allauth's own fields let 320 characters through, which no column here holds.
FITS_OUR_COLUMN = MaxLengthValidator(254)


# What the address is for, by how addresses are verified here.
SIGN_UP_EMAIL = {
    "mandatory": _("We send a link to it: follow that to finish making your account."),
    "optional": _("For a new password, should you forget yours. Verify it by the link we send."),
    "none": _("So that the people who run this Tasklist can reach you."),
}


class LoginForm(AllauthLoginForm):
    saves_nothing = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or verified e-mail address")
        if not mail_verifies():
            self.fields["password"].help_text = _(
                "Forgotten? Ask the people who run this Tasklist for a link that sets a new one."
            )
        drop_placeholders(self)

    def clean(self) -> dict[str, Any]:
        """Where others guess too often, say which ways in are as open as ever."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except TooManyAttempts as refusal:
            raise forms.ValidationError([refusal, ways_left()]) from refusal
        return cleaned

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Whose password is too short since their last factor went sets a new one, and no more."""
        if self.user.is_active and has_outgrown(self.user):
            messages.info(request, _("Set a longer password: you have no second factor any more."))
            return redirect(reset_path(self.user))
        return super().login(request, redirect_url)


class SignupForm(AllauthSignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = _("E-mail address") if email.required else _("E-mail address, if you like")
        email.help_text = SIGN_UP_EMAIL[settings.ACCOUNT_EMAIL_VERIFICATION]
        email.validators.append(FITS_OUR_COLUMN)
        # What the browser says, if it says anything: confirmed later, on the page for today.
        guessed = forms.HiddenInput({"data-zone-guess": ""})
        self.fields["time_zone"] = forms.CharField(required=False, widget=guessed)
        self.fields["password1"].help_text = help_for_newcomers()
        offer_passphrase(self)
        drop_placeholders(self)

    def validate_unique_email(self, value: str) -> str:
        """Anybody may type any address: only a verified one is unique and can sign in.

        So the form does not tell a stranger whose addresses we know.
        """
        return value


class AddEmailForm(AllauthAddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].validators.append(FITS_OUR_COLUMN)
        drop_placeholders(self)

    def save(self, request: HttpRequest) -> EmailAddress:
        """The address is there before its mail is counted, which no transaction may take back."""
        email = self.cleaned_data["email"]
        try:
            address = addresses.add(request=request, email=email, by=self.user)
        except forms.ValidationError as error:  # the form was good when it was checked
            messages.error(request, " ".join(error.messages))
            raise ImmediateHttpResponse(redirect("account_email")) from error
        send_verification_email_to_address(request, address)
        return address


class ChangePasswordForm(AllauthChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        ask_for_new_password(self)
        drop_placeholders(self)

    def clean_oldpassword(self) -> str:
        """Raises TooManyAttempts before it is hashed."""
        guess = throttles.guess(context.request, account=self.user, at="password change")
        right: str = super().clean_oldpassword()
        guess.right()
        return right


class ResetPasswordForm(AllauthResetPasswordForm):
    saves_nothing = True

    @property
    def is_answered(self) -> bool:
        """Whether a mail may come at all; else the page says whom to ask."""
        return mail_verifies()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        drop_placeholders(self)

    def clean_email(self) -> str:
        """Only to a verified address: allauth would also mail whoever was typed by mistake.

        Raises TooManyAttempts, whether or not it is anybody's.
        """
        if not self.is_answered:
            raise forms.ValidationError(_("No mail is sent here."))
        email: str = super().clean_email()
        throttles.mail(context.request, email=email)
        self.users = [owner] if (owner := active_owner_of(email)) else []
        return email


class ResetPasswordKeyForm(AllauthResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_new_password(self)
        drop_placeholders(self)


class UserTokenForm(AllauthUserTokenForm):
    def clean(self) -> dict[str, Any]:
        """Raises TooManyAttempts before the key of a link is compared.

        By address alone: strangers who guess must not spoil the link that its owner has got.
        """
        guess = throttles.guess(context.request, account=None, at="link")
        cleaned: dict[str, Any] = super().clean()
        guess.right()
        return cleaned


class SetPasswordForm(AllauthSetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_new_password(self)
        drop_placeholders(self)


class ReauthenticateForm(AllauthReauthenticateForm):
    saves_nothing = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)


class RequestLoginCodeForm(AllauthRequestLoginCodeForm):
    saves_nothing = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Verified e-mail address")
        drop_placeholders(self)

    def clean_email(self) -> str:
        """Only to a verified address; for others everything looks the same, and nothing fits.

        Raises TooManyAttempts, whether or not it is anybody's.
        """
        email: str = super().clean_email()
        throttles.mail(context.request, email=email)
        self._user = active_owner_of(email)
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.errors:
            waiting.begin(context.request.session, waiting.MAILED_CODE, self._user)
        return cleaned


class ConfirmLoginCodeForm(AllauthConfirmLoginCodeForm):
    saves_nothing = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}
        drop_placeholders(self)

    def clean_code(self) -> str:
        """Raises TooManyAttempts before it is compared, whether or not there is such a person.

        It is wrong where everything of theirs was ended since it was mailed, and where the
        address is not theirs any more.
        """
        login, session = context.request._login_stage.login, context.request.session
        guess = throttles.guess(
            context.request, account=login.user or login.email, at="mailed code"
        )
        code: str = super().clean_code()
        good = waiting.holds(session, waiting.MAILED_CODE, login.user)
        if not good or active_owner_of(login.email) != login.user:
            raise get_adapter().validation_error("incorrect_code")
        guess.right()
        return code


def ways_left() -> str:
    if mail_verifies():
        return gettext("You need not wait to sign in by a passkey, or by a code in your mail.")
    return gettext(
        "You need not wait to sign in by a passkey, or by a link that sets a new password."
    )


def ask_for_new_password(form: forms.Form) -> None:
    form.fields["password1"].label = _("New password")
    form.fields["password2"].label = _("New password again")
    offer_passphrase(form)


def offer_passphrase(form: forms.Form) -> None:
    """Have a fresh one drawn wherever the form is shown: `components/field.html`."""
    vars(form.fields["password1"])["suggested"] = passphrase


def drop_placeholders(form: forms.Form) -> None:
    """Labels say what a field is, also when something stands in it."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        validators=[validate_one_line],
        help_text=_("Others see it beside your username. You may leave it empty."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Decides when your today begins.")
    )
    week_start = forms.TypedChoiceField(
        label=_("Week starts on"), choices=User.WeekStart.choices, coerce=int
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone.replace("_", " ")) for zone in time_zones()]
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]
