"""Sessions in the database, from a copy of which nobody can sign in.

A row's key is a digest of what the cookie says, and what the row says is sealed: while a
sign-in is half done, or an app is set up, codes and keys stand in it that are still good.
"""

import hashlib
import json
import logging
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from ledger.sealing import Unreadable, seal, unseal

logger = logging.getLogger(__name__)

PURPOSE = "tasklist.session_store"
LENGTH = 40  # hexadecimal digits: what the column takes, 160 of the digest's 256 bits


def row_key(session_key: str | None) -> str:
    """The key of a session's row; empty where there is no session.

    A fast hash is enough for a key of 165 bits that was drawn at random.
    """
    return hashlib.sha256(session_key.encode()).hexdigest()[:LENGTH] if session_key else ""


class SessionStore(db.SessionStore):
    """Django's, but for what a row says. `session_key` is what the cookie says, as ever."""

    def load(self) -> dict[str, Any]:
        stored = self.model.objects.filter(expire_date__gt=timezone.now())
        row = stored.filter(session_key=row_key(self.session_key)).first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)

    def exists(self, session_key: str) -> bool:
        return super().exists(row_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = row_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        if key := row_key(session_key or self.session_key):
            super().delete(key)

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(json.dumps(session_dict), purpose=PURPOSE)

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """What cannot be read, under another SECRET_KEY say, is the session of nobody."""
        try:
            found: dict[str, Any] = json.loads(unseal(str(session_data), purpose=PURPOSE))
        except Unreadable:
            logger.warning("a session was sealed with another SECRET_KEY")
            return {}
        return found

    # Django's asynchronous twins would go by the cookie itself: these call the above.
    aload, aexists, adelete = SessionBase.aload, SessionBase.aexists, SessionBase.adelete
    acreate, asave = SessionBase.acreate, SessionBase.asave
