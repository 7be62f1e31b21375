from accounts.models.attempts import Attempts
from accounts.models.credentials import ApiToken, ApiTokenQuerySet, SignIn, digest_of
from accounts.models.events import SecurityEvent
from accounts.models.invitations import SignUpInvitation, SignUpInvitationQuerySet
from accounts.models.people import (
    ABILITIES,
    USERNAME,
    USERNAME_VALIDATORS,
    User,
    UserQuerySet,
    time_zones,
    validate_one_line,
    validate_time_zone,
    validate_username_is_no_id,
)

__all__ = [
    "ABILITIES",
    "USERNAME",
    "USERNAME_VALIDATORS",
    "ApiToken",
    "ApiTokenQuerySet",
    "Attempts",
    "SecurityEvent",
    "SignIn",
    "SignUpInvitation",
    "SignUpInvitationQuerySet",
    "User",
    "UserQuerySet",
    "digest_of",
    "time_zones",
    "validate_one_line",
    "validate_time_zone",
    "validate_username_is_no_id",
]
