from allauth.account.decorators import reauthentication_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import identities
from accounts.openid.adapter import provider_name
from accounts.openid.identity import PROVIDER
from accounts.openid.linking import UNLINKED, begin_linking, tell
from accounts.openid.views import going_on, where_there_is_a_provider
from accounts.requests import Request


@require_safe
@where_there_is_a_provider
def linked(request: Request) -> HttpResponse:
    """With which accounts elsewhere somebody can sign in."""
    accounts = SocialAccount.objects.filter(user=request.user, provider=PROVIDER).order_by("pk")
    context = {"accounts": accounts, "provider": provider_name()}
    return render(request, "accounts/linked.html", context)


@require_POST
@where_there_is_a_provider
@reauthentication_required
def link(request: Request) -> HttpResponse:
    provider = get_adapter(request).get_provider(request, PROVIDER)
    return going_on(request, begin_linking(request, provider))


@require_POST
@where_there_is_a_provider
@reauthentication_required
def unlink(request: Request, number: int) -> HttpResponse:
    try:
        account = identities.unlink(user=request.user, number=number, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        tell(request.user, UNLINKED, account.extra_data.get("called", ""))
        messages.success(request, _("That account does not sign you in any more."))
    return redirect("accounts:linked")
