"""People and tokens in JSON."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import ApiToken, User
from tasklist.rest.fields import Choice, Flag, Identifier, Moment, Named, Several, Text
from tasklist.rest.paging import PageQuery
from tasklist.rest.serializers import Body

PASSWORD_LENGTH = 1_000  # characters; the hash takes as long for all of them


class Email(serializers.EmailField, Text):
    """An address."""


class Credentials(Body):
    username = Text(max_length=254, help_text="The username, or a verified e-mail address.")
    password = Text(max_length=PASSWORD_LENGTH)
    code = Text(
        max_length=50,
        required=False,
        allow_blank=True,
        default="",
        error_messages={"invalid": _("Send the code as a string of digits: “123456”.")},
        help_text="Of the authenticator app, or a recovery code; each is good once.",
    )


class RefreshToken(Body):
    refresh = Text(max_length=2_000)


class Tokens(Body):
    """What signing in and refreshing answer."""

    access = Text()
    refresh = Text()
    token_type = Choice(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds for which `access` is good.")


class WhoAmI(Body):
    user_id = Identifier()
    username = Text()


class Registration(Body):
    username = Text(max_length=64)
    password = Text(max_length=PASSWORD_LENGTH, write_only=True)
    email = Email(max_length=254, required=False, allow_blank=True, default="")


class SignUp(Registration):
    """... by oneself."""

    invitation = Text(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="The end of the link of an invitation, where accounts are by invitation.",
    )


class Registered(Body):
    id = Identifier(read_only=True)
    username = Text()
    email = Text()


class Person(Body):
    """Somebody with an account. Only what is theirs to choose can be written."""

    id = Identifier(read_only=True)
    username = Text(read_only=True)
    name = Text(max_length=100, allow_blank=True)
    email = Text(read_only=True)
    is_active = Flag(read_only=True)
    is_staff = Flag(read_only=True)
    time_zone = Text(max_length=64)
    week_start = Named(User.WeekStart)
    theme = Choice(choices=User.Theme.values)
    version = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class OwnPassword(Body):
    """What proves that it is really the person who asks."""

    password = Text(max_length=PASSWORD_LENGTH, write_only=True)


class Closing(Body):
    closes_at = serializers.DateTimeField(help_text="Until then they can take it back.")


class PersonForStaff(Person):
    """... and what staff may write of it."""

    is_active = Flag()
    name = Text(read_only=True)
    time_zone = Text(read_only=True)
    week_start = Named(User.WeekStart, read_only=True)
    theme = Choice(choices=User.Theme.values, read_only=True)


class PersonalToken(Body):
    """What a script signs in with; its secret is not kept."""

    id = Identifier(read_only=True)
    name = Text(max_length=100, help_text="Where it is used.")
    prefix = Text(read_only=True, help_text="How the token begins.")
    scopes = Several(
        child=Choice(choices=ApiToken.Scope.values),
        min_length=1,
        max_length=2,
        help_text="`read` is for GET and HEAD; `write` is for every method.",
    )
    created_at = serializers.DateTimeField(read_only=True)
    expires_at = Moment(required=False, allow_null=True, default=None, help_text="null: never.")
    last_used_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="To within five minutes. null: never yet."
    )


class MadeToken(PersonalToken):
    """... and the one answer that shows it."""

    token = Text(read_only=True, help_text="Send it in `Authorization: Bearer …`.")


class PeopleQuery(PageQuery):
    username = serializers.CharField(required=False, help_text="In whatever case.")


FIELDS = (
    *("id", "username", "name", "email", "is_active", "is_staff"),
    *("time_zone", "week_start", "theme", "version", "created_at", "updated_at"),
)


def person_body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of FIELDS as programs see it."""
    return {name: row[name] for name in FIELDS} | {
        "week_start": User.WeekStart(row["week_start"]).name.lower()
    }


TOKEN_FIELDS = ("id", "name", "prefix", "scopes", "created_at", "expires_at", "used_at")


def token_body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of TOKEN_FIELDS as programs see it."""
    last_used_at = row["used_at"]
    return {name: row[name] for name in TOKEN_FIELDS[:-1]} | {"last_used_at": last_used_at}
