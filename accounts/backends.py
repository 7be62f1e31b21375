from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.verified import account_of


class UsernameOrVerifiedEmail(AuthenticationBackend):
    """allauth's sign-in, except that an address signs in only once it is verified.

    Several people may type the same address; only one can prove that it is theirs. One name is
    one account, by which guesses are counted, and one hash, whether or not there is such a one.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        typed = credentials.get("username") or credentials.get("email") or ""
        return self._check_password(account_of(typed), credentials["password"])
