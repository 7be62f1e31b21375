"""Who is who at the provider of OpenID Connect: the links between its people and ours."""

from itertools import islice

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.actions import lasting, users
from accounts.models import User
from accounts.openid.identity import NUMBERED, PROVIDER, Identity
from accounts.verified import owner_of, refuse_no_address
from ledger.actions import rows
from ledger.actions.action import action


@action
def sign_up(*, identity: Identity, by: None) -> SocialAccount:
    """A new person for somebody the provider has signed in; without a password.

    Their address is verified where the provider says so. Raises ValidationError on `email`
    where somebody here has verified the same one: who that is, only they can say, by signing
    in and linking the two; and where there is none though everybody needs one. Raises
    IntegrityError where the identity was linked meanwhile.
    """
    refuse_no_address(identity.email)
    if identity.email_verified and owner_of(identity.email):
        message = _(
            "Somebody here has verified this e-mail address. If it is you, sign in on the page "
            "and link the account in the settings."
        )
        raise ValidationError({"email": ValidationError(message, code="taken")})
    user = named_user(identity)
    if identity.email:
        EmailAddress.objects.create(
            user=user, email=identity.email, verified=identity.email_verified, primary=True
        )
    return linked_row(user, identity)


def named_user(identity: Identity) -> User:
    """A new user under the first of the identity's names that nobody has."""
    likely = [name.lower() for name in islice(identity.usernames(), NUMBERED + 1)]
    taken = set(User.objects.filter(username_key__in=likely).values_list("username_key", flat=True))
    for username in identity.usernames():
        if username.lower() not in taken:
            try:
                return users.create(username=username, password=None, email=identity.email, by=None)
            except ValidationError as error:  # somebody took the name at this moment
                if set(error.error_dict) != {"username"}:
                    raise
    raise AssertionError("usernames never run out")


@action
def link(*, user: User, identity: Identity, by: User) -> SocialAccount:
    """From now on this identity signs in as this person. Twice is once.

    Raises ValidationError where it signs in as somebody else, and PermissionDenied where the
    person was signed out everywhere meanwhile.
    """
    user = lasting.lock(user)
    found = identity.linked()
    if found is None:
        try:
            with transaction.atomic():
                return recorded(linked_row(user, identity), by)
        except IntegrityError:
            found = identity.linked()
    if found is None or found.user_id != user.pk:
        raise ValidationError(_("This account signs in somebody else here."), code="taken")
    return found


def linked_row(user: User, identity: Identity) -> SocialAccount:
    return SocialAccount.objects.create(
        user=user, provider=PROVIDER, uid=identity.uid, extra_data=identity.kept
    )


def recorded(account: SocialAccount, by: User) -> SocialAccount:
    rows.record(rows.lock(account.user), kind="user.linked", by=by, changes={})
    return account


@action
def unlink(*, user: User, number: int, by: User) -> SocialAccount:
    """That account signs nobody in any more; answers it as it was.

    Raises Http404 where it is not theirs, and ValidationError where they have no other way in.
    """
    user = rows.lock(user)
    account = get_object_or_404(SocialAccount.objects.filter(user=user), pk=number)
    if not has_another_way_in(user, account):
        message = _("It is your only way in. Set a password or add a passkey first.")
        raise ValidationError(message, code="last")
    account.delete()
    rows.record(user, kind="user.unlinked", by=by, changes={})
    return account


def has_another_way_in(user: User, account: SocialAccount) -> bool:
    """Whether they can sign in without this account: by password, passkey or another one."""
    others = SocialAccount.objects.filter(user=user, provider=PROVIDER).exclude(pk=account.pk)
    if user.has_usable_password() or others.exists():
        return True
    keys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return any(key.wrap().is_passwordless for key in keys)
