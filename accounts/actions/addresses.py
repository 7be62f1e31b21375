"""E-mail addresses of people: django-allauth's rows."""

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from accounts.actions import events, lasting
from accounts.models import SecurityEvent, User
from ledger.actions.action import action


@action
def add(*, request: HttpRequest, email: str, by: User) -> EmailAddress:
    """One more address of their own, not verified yet.

    Raises PermissionDenied where they were signed out everywhere meanwhile.
    """
    user = lasting.lock(by)
    address: EmailAddress = EmailAddress.objects.add_email(request, user, email)
    events.note(user=user, kind=SecurityEvent.Kind.EMAIL_ADDED, by=by, email=address.email)
    return address
