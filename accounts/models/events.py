from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SecurityEventQuerySet(models.QuerySet["SecurityEvent"]):
    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)

    def by_program(self, client: str, address: str | None) -> Self:
        """Sign-ins by the API from this address, or by the program that calls itself so.

        An address that nobody knows is none that was seen before.
        """
        kinds = (SecurityEvent.Kind.SIGNED_IN, SecurityEvent.Kind.NEW_PROGRAM)
        like = models.Q(client=client)
        if address:
            like |= models.Q(address=address)
        return self.filter(like, kind__in=kinds, details__via="api")


class SecurityEvent(models.Model):
    """Something a person should recognise: a sign-in, a new password, a passkey that was added.

    Theirs alone, and gone with them; what others have to know stands in the Changes.
    """

    class Kind(models.TextChoices):
        SIGNED_UP = "signed_up", _("Account opened")
        SIGNED_IN = "signed_in", _("Signed in")
        NEW_BROWSER = "new_browser", _("Signed in from a new browser")
        NEW_PROGRAM = "new_program", _("Signed in by a new program")
        SIGNED_OUT = "signed_out", _("Signed out")
        REFUSED = "refused", _("Too many wrong tries, refused")
        WRONG_CODE = "wrong_code", _("Wrong code of the second factor")
        PASSKEY_REFUSED = "passkey_refused", _("Passkey refused")
        SESSION_ENDED = "session_ended", _("A session ended")
        OTHERS_ENDED = "others_ended", _("All other sessions ended")
        EVERYTHING_ENDED = "everything_ended", _("Signed out everywhere")
        USED_TWICE = "token_used_twice", _("A program was signed out: its token came twice")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        PASSWORD_RESET = "password_reset", _("New password through a mailed link")
        PASSWORD_SET = "password_set", _("Password set")
        EMAIL_ADDED = "email_added", _("E-mail address added")
        EMAIL_VERIFIED = "email_verified", _("E-mail address verified")
        EMAIL_REMOVED = "email_removed", _("E-mail address removed")
        EMAIL_PRIMARY = "email_primary", _("Primary e-mail address changed")
        TOTP_ADDED = "totp_added", _("Authenticator app added")
        TOTP_REMOVED = "totp_removed", _("Authenticator app removed")
        PASSKEY_ADDED = "passkey_added", _("Passkey added")
        PASSKEY_REMOVED = "passkey_removed", _("Passkey removed")
        RECOVERY_CODES_MADE = "recovery_codes_made", _("New recovery codes made")
        RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
        FACTORS_REMOVED = "factors_removed", _("Second factors taken off")
        LINKED = "linked", _("Account elsewhere linked")
        UNLINKED = "unlinked", _("Account elsewhere unlinked")
        API_TOKEN_MADE = "api_token_made", _("Personal token made")
        API_TOKEN_REVOKED = "api_token_revoked", _("Personal token revoked")
        DISABLED = "disabled", _("Account disabled")
        ENABLED = "enabled", _("Account enabled")
        ARCHIVE_ASKED = "archive_asked", _("Archive of your data asked for")
        ARCHIVE_DOWNLOADED = "archive_downloaded", _("Archive downloaded")
        CLOSING = "closing", _("Closing the account asked for")
        KEPT = "kept", _("Account kept open after all")
        # What others do.
        LISTS_COMING = "lists_coming", _("Lists will become yours: their owner is leaving")
        LISTS_YOURS = "lists_yours", _("Lists are yours now: their owner has left")

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="security_events"
    )
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    # One of Kind, or of a kind that another release knows.
    kind = models.CharField(_("kind"), max_length=64)
    address = models.GenericIPAddressField(_("from"), null=True)
    client = models.CharField(_("browser or program"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes = [models.Index(fields=["user", "id"], name="security_event_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
