"""Who is talking: a random token in the browser, and for the house only what is hashed from it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from bot.messages import FrontDoor

CHANNEL = "web"

_SECRET_BYTES = 32
_MARK_BYTES = 16
_WRITTEN = re.compile(r"[A-Za-z0-9_-]{64}")


class Sessions:
    """Tokens that nobody has to store: 256 random bits, and a mark made with `key` that says they are ours.

    A token with another key's mark (the server was restarted with a key of its own) is still known while the house
    has its talk. So a token is refused only when there is nothing that it could open.
    """

    def __init__(self, door: FrontDoor, key: bytes) -> None:
        self._door, self._key = door, key

    def open(self) -> str:
        """A new token."""
        secret = secrets.token_bytes(_SECRET_BYTES)
        return base64.urlsafe_b64encode(secret + self._mark(secret)).decode()

    async def address_of(self, token: str) -> str | None:
        """The address that the house knows this token's holder by; None when the token is not known."""
        if not _WRITTEN.fullmatch(token):
            return None
        raw = base64.urlsafe_b64decode(token)
        secret, mark = raw[:_SECRET_BYTES], raw[_SECRET_BYTES:]
        address = hashlib.sha256(b"jietong web " + secret).hexdigest()
        if hmac.compare_digest(mark, self._mark(secret)) or await self._door.history(CHANNEL, address):
            return address
        return None

    def _mark(self, secret: bytes) -> bytes:
        return hmac.digest(self._key, secret, "sha256")[:_MARK_BYTES]
