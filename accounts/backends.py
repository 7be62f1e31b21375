from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress

from accounts.models import User


class UsernameOrVerifiedEmail(AuthenticationBackend):
    """allauth's sign-in, except that an address signs in only once it is verified.

    Several people may type the same address; only one can prove that it is theirs.
    """

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        address = (
            EmailAddress.objects.filter(email=email.lower(), verified=True)
            .select_related("user")
            .first()
        )
        return self._check_password(address.user, password) if address else None
