"""How an account stands, for the support that is asked about it: to be read, on its admin page."""

from collections import Counter

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.sessions import open_sessions

STANDING = (
    *("standing", "addresses", "second_factor"),
    *("browsers", "programs", "personal_tokens", "linked_accounts"),
)


class Standing:
    """The fields STANDING of a ModelAdmin of people: a statement or two each."""

    @admin.display(description=gettext_lazy("account"))
    def standing(self, user: User) -> str:
        if not user.is_active:
            return _("Disabled")
        if user.closes_at:
            return _("Closes on %(day)s") % {"day": date_format(localtime(user.closes_at), "j F Y")}
        return _("Active")

    @admin.display(description=gettext_lazy("e-mail addresses"))
    def addresses(self, user: User) -> str:
        rows = EmailAddress.objects.filter(user=user).order_by("-primary", "pk")
        said = {True: _("verified"), False: _("not verified")}
        return ", ".join(f"{each.email} ({said[each.verified]})" for each in rows) or _("none")

    @admin.display(description=gettext_lazy("second factor"))
    def second_factor(self, user: User) -> str:
        kinds = Counter(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        passkeys = kinds[Authenticator.Type.WEBAUTHN]
        words = [_("authenticator app")] if kinds[Authenticator.Type.TOTP] else []
        if passkeys:
            count = ngettext("%(count)d passkey", "%(count)d passkeys", passkeys)
            words.append(count % {"count": passkeys})
        return ", ".join(words) or _("none")

    @admin.display(description=gettext_lazy("browsers signed in"))
    def browsers(self, user: User) -> int:
        return len(open_sessions(user, None))

    @admin.display(description=gettext_lazy("programs signed in"))
    def programs(self, user: User) -> int:
        rows = user.sign_ins.open(timezone.now()).select_related("user")
        return sum(each.is_good for each in rows)

    @admin.display(description=gettext_lazy("personal tokens"))
    def personal_tokens(self, user: User) -> int:
        now, rows = timezone.now(), user.api_tokens.select_related("user")
        return sum(each.is_good and not each.is_expired(now) for each in rows)

    @admin.display(description=gettext_lazy("linked accounts"))
    def linked_accounts(self, user: User) -> str:
        rows = SocialAccount.objects.filter(user=user).order_by("pk")
        return ", ".join(each.extra_data.get("called") or each.uid for each in rows) or _("none")
