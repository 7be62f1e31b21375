"""A sign-in that is half done: it waits for a second factor or for a mailed code.

django-allauth keeps it in the session, and reads its person anew when it goes on. What ends
all that the person has open ends it as well: it holds for the epoch in which it began.
"""

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare

from accounts.models import User

# In the session: what the person was checked by when it began.
SIGN_IN, MAILED_CODE = "sign_in_begun_by", "code_mailed_to"


def begin(session: SessionBase, what: str, user: User | None) -> None:
    session[what] = user.get_session_auth_hash() if user else ""


def holds(session: SessionBase, what: str, user: User | None) -> bool:
    """Whether nothing has ended it since; not for anybody else than who began it."""
    if user is None or not user.is_active:
        return False
    return constant_time_compare(session.get(what, ""), user.get_session_auth_hash())
