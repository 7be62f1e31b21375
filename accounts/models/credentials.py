"""What lets programs in: sign-ins with a password, and personal tokens."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class Credential(models.Model):
    """Somebody's, until they change their password or end their sessions, as a session is."""

    auth_hash = models.CharField(_("what the person was checked by"), max_length=64)

    class Meta:
        abstract = True

    user: models.ForeignKey[User, User]

    @property
    def is_good(self) -> bool:
        """Whether it holds for its person, as a browser session would: the same epoch."""
        fits = constant_time_compare(self.auth_hash, self.user.get_session_auth_hash())
        return self.user.is_active and fits


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

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def open(self, now: datetime) -> Self:
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now))


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
