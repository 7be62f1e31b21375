from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from django import forms
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import events
from accounts.models import SecurityEvent, User, time_zones
from accounts.verified import owner_of

# RFC 5321; allauth's own fields let 320 characters through, which no column here holds.
FITS_OUR_COLUMN = MaxLengthValidator(254)


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or verified e-mail address")
        drop_placeholders(self)


class SignupForm(AllauthSignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address, if you like")
        self.fields["email"].help_text = _(
            "For a new password, should you forget yours. Verify it by the link we send."
        )
        self.fields["email"].validators.append(FITS_OUR_COLUMN)
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
        address: EmailAddress = super().save(request)
        kind = SecurityEvent.Kind.EMAIL_ADDED
        events.note(user=self.user, kind=kind, by=self.user, email=address.email)
        return address


class ChangePasswordForm(AllauthChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Password until now")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")
        drop_placeholders(self)


class ResetPasswordForm(AllauthResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        drop_placeholders(self)

    def clean_email(self) -> str:
        """Only to a verified address: allauth would also mail whoever was typed by mistake."""
        email: str = super().clean_email()
        owner = owner_of(email)
        self.users = [owner] if owner and owner.is_active else []
        return email


class ResetPasswordKeyForm(AllauthResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")
        drop_placeholders(self)


class SetPasswordForm(AllauthSetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")
        drop_placeholders(self)


class ReauthenticateForm(AllauthReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)


def drop_placeholders(form: forms.Form) -> None:
    """Labels say what a field is, also when something stands in it."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class ProfileForm(forms.Form):
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
