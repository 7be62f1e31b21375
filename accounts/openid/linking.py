"""Linking: somebody who is signed in here proves at the provider who they are there."""

from allauth.account.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actions import identities
from accounts.models import User

LINKED, UNLINKED = (f"socialaccount/email/account_{what}" for what in ("connected", "disconnected"))


def begin_linking(request: HttpRequest, provider: object) -> HttpResponse:
    """On to the provider's page. Whoever comes back has to be who set out."""
    return provider.redirect(  # type: ignore[attr-defined]
        request, process=AuthProcess.CONNECT, data={"user": request.user.pk}
    )


def finish_linking(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    """Back from the provider: link, and say so."""
    user = request.user
    if not isinstance(user, User) or sociallogin.state.get("data") != {"user": user.pk}:
        return redirect("account_login")
    try:
        identities.link(user=user, identity=sociallogin.identity, by=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        tell(user, LINKED, sociallogin.identity.called)
        messages.success(request, _("The account is linked. You can sign in with it from now on."))
    return redirect("accounts:linked")


def tell(user: User, what: str, account: str) -> None:
    """Let the person know what happened to their ways in, as after all that matters."""
    get_adapter().send_notification_mail(what, user, context={"account": account})
