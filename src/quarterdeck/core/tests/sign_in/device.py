"""A device with passkeys, in software: it signs what a browser would hand it."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN, PARTY = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One passkey. Each field may be changed to what a device of ours would not do."""

    origin: str = ORIGIN
    party: str = PARTY
    verifies: bool = True
    uses: int = 0
    counts: bool = True
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identity: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _flags(self) -> int:
        return PRESENT | (VERIFIED if self.verifies else 0)

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to being asked for a new passkey."""
        client = self._client("webauthn.create", asked["publicKey"]["challenge"])
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.identity, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(sha256(self.party.encode()), self._flags() | MADE, self.uses, credential)
        made = AttestationObject.create("none", data, {})
        return self._answer(
            {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(bytes(made))}
        )

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to being asked to sign in."""
        self.uses += 1 if self.counts else 0
        client = self._client("webauthn.get", asked["publicKey"]["challenge"])
        data = AuthenticatorData.create(sha256(self.party.encode()), self._flags(), self.uses)
        signature = self.key.sign(bytes(data) + sha256(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(signature),
                "userHandle": None,
            }
        )

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.identity)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }
