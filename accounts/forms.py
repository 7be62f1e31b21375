from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User, time_zones


class SignupForm(AllauthSignupForm):
    def validate_unique_email(self, value: str) -> str:
        """Anybody may type any address: only a verified one is unique and can sign in.

        So the form does not tell a stranger whose addresses we know.
        """
        return value


class ProfileForm(forms.Form):
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Decides when your today begins.")
    )
    week_start = forms.TypedChoiceField(
        label=_("Week starts on"), choices=User.WeekStart.choices, coerce=int
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        zones = [(zone, zone.replace("_", " ")) for zone in time_zones()]
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]
