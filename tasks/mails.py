"""Letters about lists. What others have typed, as a title, is in none: it could be advertising."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.verified import verified_address

COMING, YOURS = "tasks/email/lists_coming", "tasks/email/lists_yours"
NAMES = {  # as in accounts.mails
    COMING: gettext_lazy("Lists become somebody’s"),
    YOURS: gettext_lazy("Lists became somebody’s"),
}


def inheritance(which: str, heir: User, *, count: int, day: datetime | None = None) -> None:
    """COMING, before `day`, or YOURS: to the heir, where they have a verified address."""
    if address := verified_address(heir):
        url = settings.BASE_URL + reverse("accounts:events")
        context = {"user": heir, "count": count, "day": day, "url": url}
        get_adapter().send_mail(which, address, context)
