"""Second factors and passkeys: what django-allauth leaves to us."""

import logging
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from ledger.sealing import Unreadable, seal, unseal

logger = logging.getLogger(__name__)

PURPOSE = "accounts.factors"
NAME = "Tasklist"


class FactorAdapter(DefaultMFAAdapter):
    """Seals what the database keeps of a factor, and names this site by BASE_URL alone."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This is not the code, or it was used before. Try the next one."
        ),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """What cannot be read opens nothing: a random secret stands for it."""
        try:
            return unseal(encrypted_text, purpose=PURPOSE)
        except Unreadable:
            logger.error(
                "a second factor was sealed with another SECRET_KEY: "
                "give that back, or take the factor off its person in the admin"
            )
            return generate_totp_secret()

    def get_totp_issuer(self) -> str:
        return NAME

    def get_totp_label(self, user: Any) -> str:
        """`issuer:account`, as authenticator apps want it (Key URI format)."""
        return f"{NAME}:{user.username}"

    def build_totp_svg(self, url: str) -> str:
        """To stand in the page itself, so without an XML declaration."""
        import qrcode  # noqa: PLC0415  large, and seldom asked for
        from qrcode.image.svg import SvgPathImage  # noqa: PLC0415

        image = qrcode.make(url, image_factory=SvgPathImage)
        return str(image.to_string(encoding="unicode"))

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Never by the request's Host header: whoever sends it could bind keys to their site."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "", "name": NAME}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        handle = user_pk_to_url_str(user).encode()
        return {"id": handle, "display_name": user.name or user.username, "name": user.username}


@dataclass(frozen=True)
class Factors:
    """What somebody signs in with beside their password."""

    app: Authenticator | None = None
    passkeys: tuple[Authenticator, ...] = ()
    codes_left: int | None = None  # None: no codes

    @classmethod
    def of(cls, user: User) -> Self:
        rows = Authenticator.objects.filter(user=user).order_by("pk")
        kinds: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
        for row in rows:
            kinds[row.type].append(row)
        [app] = kinds[Authenticator.Type.TOTP][:1] or [None]
        [codes] = kinds[Authenticator.Type.RECOVERY_CODES][:1] or [None]
        left = len(codes.wrap().get_unused_codes()) if codes else None
        return cls(app, tuple(kinds[Authenticator.Type.WEBAUTHN]), left)

    @property
    def any(self) -> bool:
        return bool(self.app or self.passkeys)

    @property
    def is_one(self) -> bool:
        """Whether there is none left without it."""
        return bool(self.app) + len(self.passkeys) == 1
