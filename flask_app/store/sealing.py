"""Sealing of personal numbers and test passwords at rest: AES-256-GCM, and a keyed hash to find equals."""

from __future__ import annotations

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flask_app.domain.errors import InvalidInput

NONCE = 12


class Sealer:
    """Keys are derived from the installation's secret, which is never in the database."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise InvalidInput("secret.too_short")
        self._aead = AESGCM(self._derive(secret, b"kyzmat personal data"))
        self._index = self._derive(secret, b"kyzmat personal index")

    @staticmethod
    def _derive(secret: bytes, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)

    def seal(self, plain: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._aead.encrypt(nonce, plain.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Raises `InvalidInput("secret.wrong")` when the installation's secret is not the one it was sealed with."""
        try:
            return self._aead.decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()
        except InvalidTag as error:
            raise InvalidInput("secret.wrong") from error

    def index(self, plain: str) -> str:
        """The same for the same text, and useless without the secret."""
        return hmac.digest(self._index, plain.encode(), "sha256").hex()
