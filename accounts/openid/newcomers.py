"""Somebody whom the provider has signed in, and who may be new here: for pages and the API."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import IntegrityError

from accounts.actions import identities
from accounts.openid.identity import Identity


class Closed(Exception):
    """Nobody new gets in this way."""


def signed_up(identity: Identity) -> SocialAccount:
    """The link of somebody who may be new here; the same one for who comes twice at once.

    Raises Closed where nobody opens an account by themselves, and ValidationError where
    somebody here has verified their address.
    """
    if found := identity.linked():
        return found
    if settings.REGISTRATION != "open":
        raise Closed
    try:
        return identities.sign_up(identity=identity, by=None)
    except IntegrityError:
        if found := identity.linked():
            return found
        raise
