from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, AuthenticationFailed


class NotSignedIn(APIException):
    """401 also where no credentials are asked for, since they are the body.

    `members` are those of the problem (RFC 9457): its `type`, where there is something to do.
    """

    status_code = 401
    auth_header = 'Bearer realm="api"'

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class NotGood(AuthenticationFailed):
    default_detail = _("The token is not good, or not any more.")


class Expired(NotGood):
    """It was good once, so that nobody guesses who sends it."""
