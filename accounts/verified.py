"""Whose an e-mail address is: somebody's who has verified it, and nobody else's.

Anybody may type any address. Were an unverified one enough, whoever mistypes theirs would
give their account to a stranger.
"""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User


def owner_of(email: str) -> User | None:
    """The one person who has verified this address, compared letter by letter.

    MySQL's collations call é and e one letter, and MySQL cannot keep a verified address
    unique by itself: two owners are none.
    """
    email = email.lower()
    verified = EmailAddress.objects.filter(email=email, verified=True).select_related("user")
    owners = [address.user for address in verified if address.email == email]
    return owners[0] if len(owners) == 1 else None


def account_of(typed: str) -> User | None:
    """Whom somebody means who types this to sign in: a username or a verified address."""
    return owner_of(typed) if "@" in typed else User.objects.called(typed).first()


def verified_address(user: User, wanted: str | None = None) -> str | None:
    """Where mail reaches this person and nobody else: `wanted`, or the primary one first.

    None where there is no such address, as there is none that is "".
    """
    verified = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    if wanted is not None:
        verified = verified.filter(email=wanted.lower())
    return verified.values_list("email", flat=True).first()


def active_owner_of(email: str) -> User | None:
    """The same, if they may sign in: whom a mail with a link or a code goes to."""
    owner = owner_of(email)
    return owner if owner and owner.is_active else None


def must_verify(user: User) -> bool:
    """Whether they may not sign in before they have verified an address of theirs."""
    mandatory = settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory"
    return mandatory and not EmailAddress.objects.filter(user=user, verified=True).exists()


def refuse_no_address(email: str) -> None:
    """Raises ValidationError at `email` where nobody may sign in without a verified one."""
    if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not email:
        message = _("An e-mail address is needed: nobody signs in here before verifying one.")
        raise ValidationError({"email": [ValidationError(message, code="required")]})


def mail_verifies() -> bool:
    """Whether addresses are verified by mail; else nobody can be reached by one that is."""
    return settings.ACCOUNT_EMAIL_VERIFICATION != "none"
