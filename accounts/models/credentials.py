"""What lets programs in: sign-ins with a password, and personal tokens."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

USE_NOTED_EVERY = timedelta(minutes=5)  # a busy script must not write with each request


class Credential(models.Model):
    """Somebody's, until they change their password or end their sessions, as a session is."""

    auth_hash = models.CharField(_("what the person was checked by"), max_length=64)

    class Meta:
        abstract = True

    user: models.ForeignKey[User, User]

    @property
    def is_good(self) -> bool:
        """Whether it holds: nothing has ended all of its person's, who is not closing either."""
        fits = constant_time_compare(self.auth_hash, self.user.get_session_auth_hash())
        return self.user.is_open and fits


class SignInQuerySet(models.QuerySet["SignIn"]):
    def open(self, now: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__gt=now)

    def over(self, now: datetime) -> Self:
        return self.exclude(ended_at=None, expires_at__gt=now)


class SignIn(Credential):
    """One device or program that signed in by the API. What its tokens may do ends with it."""

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="sign_ins"
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    refreshed_at = models.DateTimeField(_("last refreshed"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    refresh_number = models.UUIDField(_("refresh token not used yet"), default=uuid.uuid4)
    address = models.GenericIPAddressField(_("from"), null=True)
    client = models.CharField(_("program"), max_length=200, blank=True, default="", db_default="")

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def over(self, since: datetime) -> Self:
        """Those that were over by then: expired, or ended with all that their person had."""
        ended = models.Q(user__sessions_ended_at__lte=since)
        made_before = models.Q(created_at__lt=models.F("user__sessions_ended_at"))
        return self.filter(models.Q(expires_at__lte=since) | ended & made_before)

    def bearing(self, token: str) -> Self:
        """The one whose secret this is."""
        return self.filter(digest=digest_of(token))

    def where_user_may(self, user: User, ability: str) -> Self:
        """One's own, to "view" and to "revoke"; and for staff those of whom they may manage."""
        managed = User.objects.where_user_may(user, "manage").values("pk")
        return self.filter(models.Q(user=user) | models.Q(user__in=managed))


class ApiToken(Credential):
    """A personal token, `tl_…`: what a script signs in with. Only its digest is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("write")

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True)
    used_at = models.DateTimeField(_("last used"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("personal token")
        verbose_name_plural = _("personal tokens")

    def __str__(self) -> str:
        return self.name

    def may(self, scope: str) -> bool:
        """Whether it may do what needs this scope: who may write may read."""
        return scope in self.scopes or (scope == self.Scope.READ and bool(self.scopes))

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_used_again(self, now: datetime) -> bool:
        """Whether its last use was noted long enough ago to note this one."""
        return self.used_at is None or now - self.used_at >= USE_NOTED_EVERY


def digest_of(secret: str) -> str:
    """What is kept of a secret that was drawn at random: a fast hash is enough for that."""
    return hashlib.sha256(secret.encode()).hexdigest()
