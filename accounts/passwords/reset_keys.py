"""The keys of links that set a password."""

from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator


class ResetKeys(EmailAwarePasswordResetTokenGenerator):
    """They end also with all that the person has open: with its epoch, as sessions do."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}|{user.session_epoch}"
