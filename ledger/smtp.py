"""SMTP, with a moment to take note in before the point of no return.

A server is answerable for a mail from the line with the single dot that ends it (RFC 5321,
sections 3.3 and 4.2.5), and for nothing before it.
"""

import smtplib
import socket
from collections.abc import Callable
from typing import Any

from django.core.mail.backends import smtp

END_OF_MAIL = b"\r\n.\r\n"


def nobody_asked() -> None:
    """What happens before the dot where nobody wants to know."""


class SMTP(smtplib.SMTP):
    """Calls `before_the_dot` when all of a mail is at the server but the dot that ends it."""

    before_the_dot: Callable[[], None] = staticmethod(nobody_asked)

    def send(self, s: Any) -> None:
        if self.sock is None or not (isinstance(s, bytes) and s.endswith(END_OF_MAIL)):
            super().send(s)
            return
        super().send(s[:-3])
        let_go = self.sock.sendall
        try:
            self.before_the_dot()
            let_go(b".\r\n")  # with nothing in between, and in one call of the system
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected("Server not connected") from error


class SMTPOverTLS(SMTP, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, on such a connection."""

    connection: SMTP | None

    @property
    def connection_class(self) -> type[SMTP]:
        return SMTPOverTLS if self.use_ssl else SMTP

    def open(self) -> bool | None:
        opened = super().open()
        if opened and self.connection and self.connection.sock:
            # The dot must not wait in this machine for the server's word on what went before it.
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def drop(self) -> None:
        """Close without a farewell, which a server that hangs would not answer."""
        if self.connection:
            self.connection.close()
            self.connection = None
