"""E-mail addresses of people: django-allauth's rows."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest

from accounts.actions import events, lasting
from accounts.models import SecurityEvent, User
from ledger.actions.action import action


@action
def add(*, request: HttpRequest, email: str, by: User) -> EmailAddress:
    """One more address of their own, not verified yet.

    Raises PermissionDenied where they were signed out everywhere meanwhile, and ValidationError
    where they have as many as they may: another request may have added one since the form looked.
    """
    user = lasting.lock(by)
    if not EmailAddress.objects.can_add_email(user):
        most = settings.ACCOUNT_MAX_EMAIL_ADDRESSES
        raise get_adapter().validation_error("max_email_addresses", most)
    address: EmailAddress = EmailAddress.objects.add_email(request, user, email)
    events.note(user=user, kind=SecurityEvent.Kind.EMAIL_ADDED, by=by, email=address.email)
    return address
