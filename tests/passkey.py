"""A passkey in software, which also does what no browser would: sign for another site, say."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


class Passkey:
    """Made for one site; `answers` what that site asks, in the JSON that browsers send."""

    def __init__(self, origin, site):
        self.origin, self.site = origin, site
        self.id = secrets.token_bytes(16)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.flags = FLAG.UP | FLAG.UV
        self.handle = b""

    def registered(self, options):
        """The answer to being made."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(self.site_hash(), self.flags | FLAG.AT, 0, credential)
        client = self.client("webauthn.create", asked["challenge"])
        return self.sent(
            clientDataJSON=websafe_encode(client),
            attestationObject=websafe_encode(AttestationObject.create("none", data, {})),
        )

    def answers(self, options):
        """The answer to being asked whether its person is there."""
        client = self.client("webauthn.get", options["publicKey"]["challenge"])
        data = AuthenticatorData.create(self.site_hash(), self.flags, 0)
        signature = self.key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        return self.sent(
            clientDataJSON=websafe_encode(client),
            authenticatorData=websafe_encode(data),
            signature=websafe_encode(signature),
            userHandle=self.handle,
        )

    def client(self, kind, challenge):
        return CollectedClientData.create(type=kind, challenge=challenge, origin=self.origin)

    def site_hash(self):
        return hashlib.sha256(self.site.encode()).digest()

    def sent(self, **response):
        number = websafe_encode(self.id)
        extensions = {"credProps": {"rk": True}}
        return json.dumps(
            {
                **{"id": number, "rawId": number, "type": "public-key", "response": response},
                "clientExtensionResults": extensions,
            }
        )
