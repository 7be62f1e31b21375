"""The form that makes a personal token."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User

NEVER, ON_A_DAY = "never", "day"
SCOPES = {"read": [ApiToken.Scope.READ], "write": [ApiToken.Scope.READ, ApiToken.Scope.WRITE]}


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Where you will use it: “Backup”, say.")
    )
    scope = forms.ChoiceField(
        label=_("What it may do"),
        choices=[
            ("read", _("Read what I see")),
            ("write", _("Read, and change what I may change")),
        ],
        initial="read",
        widget=forms.RadioSelect,
    )
    expires = forms.ChoiceField(
        label=_("Expires"),
        choices=[
            ("30", _("In 30 days")),
            ("90", _("In 90 days")),
            ("365", _("In a year")),
            (ON_A_DAY, _("At the end of the day chosen below")),
            (NEVER, _("Never")),
        ],
        initial="90",
    )
    day = forms.DateField(
        label=_("Last day"),
        required=False,
        validators=[MaxValueValidator(date(2200, 12, 31))],
        widget=forms.DateInput({"type": "date"}),
        help_text=_("Only for a day of your choice."),
    )
    submission = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.initial.setdefault("submission", uuid.uuid4())

    def clean(self) -> None:
        """A day where one is asked for, and no day that is over."""
        day = self.cleaned_data.get("day")
        if self.cleaned_data.get("expires") != ON_A_DAY or "day" in self.errors:
            return
        if day is None:
            self.add_error("day", _("Choose a day."))
        elif day < self.user.today():
            self.add_error("day", _("Choose a day that is not over."))

    def facts(self) -> dict[str, Any]:
        """What was chosen, as the action takes it."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "scopes": SCOPES[data["scope"]],
            "expires_at": self.expires_at(data["expires"]),
            "submission": data["submission"],
        }

    def expires_at(self, choice: str) -> datetime | None:
        """The end of the chosen day is where the person is."""
        if choice == NEVER:
            return None
        if choice == ON_A_DAY:
            following = self.cleaned_data["day"] + timedelta(days=1)
            return datetime.combine(following, time(), self.user.zone)
        return timezone.now() + timedelta(days=int(choice))
