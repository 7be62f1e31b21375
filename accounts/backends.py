from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from accounts.verified import owner_of


class UsernameOrVerifiedEmail(AuthenticationBackend):
    """allauth's sign-in, except that an address signs in only once it is verified.

    Several people may type the same address; only one can prove that it is theirs.
    """

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        return self._check_password(owner_of(email), password)
