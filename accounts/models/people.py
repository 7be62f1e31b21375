import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.passwords.spelling import normal
from ledger.models import Recorded


def validate_username_is_no_id(username: str) -> None:
    """`users/{id or username}` must mean one thing, and `users/me` another."""
    if username.isdigit() or username.lower() == "me":
        raise ValidationError(_("A username cannot be a number, nor “me”."), code="reserved")


USERNAME = re.compile(r"^[A-Za-z0-9._-]{1,64}\Z")
USERNAME_VALIDATORS: list[Callable[[str], None]] = [
    RegexValidator(
        USERNAME,
        _("Use up to 64 letters, digits, dots, hyphens and underscores."),
    ),
    validate_username_is_no_id,
]


@cache
def time_zones() -> list[str]:
    """Names of the IANA time zone database, `Europe/Berlin`, in order."""
    return sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(_("%(name)s is no time zone.") % {"name": name}, code="time_zone")


UNSEEN = {"Cc", "Zl", "Zp"}  # Unicode's categories of controls and of ends of lines
TURNING = {*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))}  # what turns text around


def validate_one_line(name: str) -> None:
    """A name stands in the middle of sentences: it may not break them, nor turn them around."""
    if any(unicodedata.category(char) in UNSEEN or char in TURNING for char in name):
        raise ValidationError(_("A name is one line of letters."), code="one_line")


# Which of Django's permissions give staff an ability over people.
ABILITIES = {
    "view": ("accounts.view_user", "accounts.change_user"),
    "add": ("accounts.add_user",),
    "manage": ("accounts.change_user",),
    "delete": ("accounts.delete_user",),
    "see tasks": ("tasks.view_task",),
}


OVER_ONESELF = ("view", "see tasks")


class UserQuerySet(models.QuerySet["User"]):
    def where_user_may(self, user: "User", ability: str) -> Self:
        """The people to whom this person may do that (ABILITIES): the one answer for API and admin.

        Staff may what Django's permissions let them, but nothing to other staff, whom only
        superusers touch; everybody sees themselves and their own tasks.
        """
        if user.may_with_people(ability):
            touchable = user.is_superuser or ability == "view"
            return self if touchable else self.filter(is_superuser=False, is_staff=False)
        return self.filter(pk=user.pk) if ability in OVER_ONESELF else self.none()

    def named(self, name: str) -> Self:
        """The person with this number or, in whatever case, this username."""
        if name.isascii() and name.isdigit():
            return self.filter(pk=int(name[:20]))  # longer ones are nobody's, nor is that
        return self.called(name)

    def called(self, username: str) -> Self:
        """The person with this username, in whatever case, compared letter by letter.

        MySQL calls o and ó one letter, and takes no notice of spaces at the end.
        """
        if not USERNAME.match(username):
            return self.none()
        return self.filter(username_key=username.lower())


class UserManager(BaseUserManager["User"]):
    """Finds people; they are made by `accounts.actions.users.create`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username_key=(username or "").lower())


class User(Recorded, AbstractBaseUser, PermissionsMixin):
    """A person who signs in. The e-mail address may be missing, or unverified."""

    class WeekStart(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    username = models.CharField(
        _("username"), max_length=64, unique=True, validators=USERNAME_VALIDATORS
    )
    # The same name in another case is the same person, on every database.
    username_key = models.GeneratedField(
        expression=Lower("username"),
        output_field=models.CharField(max_length=64),
        db_persist=True,
        unique=True,
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        validators=[validate_one_line],
    )
    email = models.EmailField(_("e-mail address"), blank=True, db_index=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    # Asked once, on the page for today: what the browser or nobody said is only a guess.
    time_zone_confirmed = models.BooleanField(
        _("time zone confirmed"), default=False, db_default=False, editable=False
    )
    week_start = models.PositiveSmallIntegerField(
        _("week starts on"), choices=WeekStart, default=WeekStart.MONDAY
    )
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    # Set while they had a second factor, and shorter than it may be without one.
    password_needs_factor = models.BooleanField(
        _("password needs a second factor"), default=False, db_default=False, editable=False
    )
    # Counted up to end every session and sign-in at once: it is part of what they are checked by.
    session_epoch = models.PositiveIntegerField(
        _("sessions ended"), default=0, db_default=0, editable=False
    )
    # ... and when that was: tokens that others sign know no epoch, but when they were made.
    sessions_ended_at = models.DateTimeField(_("sessions ended at"), null=True, editable=False)
    # Somebody who closes their account may come back until then.
    closes_at = models.DateTimeField(_("closes"), null=True, editable=False, db_index=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    unrecorded = frozenset(
        {
            *("password", "last_login", "email", "name", "sessions_ended_at"),
            *("time_zone_confirmed", "password_needs_factor"),
        }
    )

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def clean(self) -> None:
        """No more rules than the fields have; names are kept as typed, not normalised."""

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and normal(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(raw_password and normal(raw_password))

    def may_with_people(self, ability: str) -> bool:
        """Whether they are staff who have this ability over people (ABILITIES) at all."""
        return self.is_staff and any(map(self.has_perm, ABILITIES[ability]))

    @property
    def shown_name(self) -> str:
        return self.name or self.username

    @property
    def label(self) -> str:
        """How others see them: by their name, beside the username that nobody else can have."""
        return f"{self.name} ({self.username})" if self.name else self.username

    @property
    def is_open(self) -> bool:
        """Whether programs act for them: whoever closes their account only gets it back."""
        return self.is_active and self.closes_at is None

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is checked by: the epoch, which a new password counts up.

        Not the password's hash itself: that changes, too, where a sign-in upgrades it.
        """
        salt = "accounts.User.session_auth_hash"
        kept = f"{self.pk}.{self.session_epoch}"
        return salted_hmac(salt, kept, secret=secret, algorithm="sha256").hexdigest()

    def today(self) -> date:
        """The date where this person is. Every "today" of the product is this one."""
        return timezone.localdate(timezone=self.zone)
