"""Links that verify an address, bound to the session in which somebody asked for one.

django-allauth's own is good for three days, whatever happens: who is in somebody's session adds
an address, keeps its link, and comes back by it once they have been signed out everywhere.
"""

from typing import Any, Self

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import signing
from django.http import HttpRequest

from accounts.actions import lasting

SALT = "accounts.verification_links"
DAY = 24 * 60 * 60  # seconds


class BoundLink(EmailConfirmationHMAC):
    """It ends with all that the person has open: with its epoch, as sessions do."""

    @property
    def key(self) -> str:
        address = self.email_address
        return signing.dumps([address.pk, address.user.session_epoch], salt=SALT)

    @classmethod
    def from_key(cls, key: str) -> Self | None:
        """The link of this key, if it is still good."""
        try:
            age = app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS * DAY
            pk, epoch = signing.loads(key, max_age=age, salt=SALT)
        except signing.BadSignature:  # or too old
            return None
        open_ones = EmailAddress.objects.filter(verified=False, user__is_active=True)
        found = open_ones.filter(pk=pk, user__session_epoch=epoch).select_related("user").first()
        return cls(found) if found else None

    def confirm(self, request: HttpRequest) -> EmailAddress | None:
        """Raises SignedOut where all that they had open was ended since the key was read."""
        with lasting.held(self.email_address.user):
            done: EmailAddress | None = super().confirm(request)
        return done


def good_link(key: str) -> Any:
    """The one of this key, bound or allauth's own; None where it is no good."""
    return BoundLink.from_key(key) or EmailConfirmationHMAC.from_key(key)
