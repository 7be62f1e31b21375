"""What it means that a mail server, or a mail service, did not take a mail."""

import re
import smtplib
import socket
from dataclasses import dataclass
from enum import Enum, auto


class Fate(Enum):
    LATER = auto()  # certainly not accepted; another time it may be
    NEVER = auto()  # certainly not accepted, and never will be
    UNKNOWN = auto()  # let go of, and no answer came


@dataclass(frozen=True)
class Verdict:
    fate: Fate
    reason: str


ADDRESS = re.compile(r"[^\s<>(),:;\"']+@[^\s<>(),:;\"']+")


def nameless(text: str) -> str:
    """What a mail server says often repeats to whom: a log is no place for that."""
    return ADDRESS.sub("…", text)


# What SES says of a mail that it will not take tomorrow either.
NEVER_BY_SES = ("MessageRejected", "BadRequestException")
# Errors of botocore, which nobody imports who does not use it.
NEVER_LEFT = (
    *("ConnectTimeoutError", "EndpointConnectionError", "NoCredentialsError"),
    *("CredentialRetrievalError", "NoRegionError"),
)


def verdict(error: Exception, *, let_go: bool) -> Verdict:
    """Why it was not taken. An answer tells; silence after the mail was let go of does not."""
    if answer := by_smtp(error) or by_http(error):
        return answer
    reason = f"{type(error).__name__}: {error}"
    if let_go and not never_left(error):
        return Verdict(Fate.UNKNOWN, reason)
    later = isinstance(error, OSError) or never_left(error)
    return Verdict(Fate.LATER if later else Fate.NEVER, reason)


def never_left(error: Exception) -> bool:
    """There was nobody to take it, or nothing to sign the request with."""
    nobody = isinstance(error, ConnectionRefusedError | socket.gaierror)
    return nobody or type(error.__cause__).__name__ in NEVER_LEFT


def by_smtp(error: Exception) -> Verdict | None:
    """A 5xx for the recipient or the mail is for good; for the sender or a password, a mistake
    in our settings, which somebody will mend (RFC 5321, section 4.2.1).
    """
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, answer)] = error.recipients.values()
    elif isinstance(error, smtplib.SMTPResponseException):
        code, answer = error.smtp_code, error.smtp_error
    else:
        return None
    ours = isinstance(
        error,
        smtplib.SMTPAuthenticationError
        | smtplib.SMTPConnectError
        | smtplib.SMTPHeloError
        | smtplib.SMTPSenderRefused,
    )
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    fate = Fate.NEVER if code >= 500 and not ours else Fate.LATER
    return Verdict(fate, f"{code} {text}")


def by_http(error: Exception) -> Verdict | None:
    """What boto3 tells of an answer of SES; it hangs below the error of django-anymail."""
    response = getattr(error.__cause__, "response", None)
    if not isinstance(response, dict):
        return None
    code, message = response["Error"]["Code"], response["Error"]["Message"]
    return Verdict(Fate.NEVER if code in NEVER_BY_SES else Fate.LATER, f"{code} {message}")
