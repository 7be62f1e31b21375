"""Somebody whom the provider has signed in, and who may be new here: for pages and the API."""

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from accounts.actions import newcomers
from accounts.openid.identity import Identity
from accounts.registering import refusal


def signed_up(identity: Identity, *, invitation: str = "") -> SocialAccount:
    """The link of somebody who may be new here; the same one for who comes twice at once.

    `invitation` is the digest of one, which is used up. Raises PermissionDenied where nobody
    opens an account by themselves, or not with that one, and ValidationError where somebody
    here has verified their address.
    """
    if found := identity.linked():
        return found
    if refused := refusal(invitation):
        raise refused
    try:
        return newcomers.open_linked(identity=identity, invitation=invitation, by=None)
    except (IntegrityError, PermissionDenied, ValidationError):
        # Somebody was quicker: with the invitation, or they themselves, twice at once.
        if found := identity.linked():
            return found
        raise
