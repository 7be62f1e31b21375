from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.factors.adapter import Factors
from accounts.requests import Request


@require_safe
def security(request: Request) -> HttpResponse:
    """How somebody signs in, at a glance: each way with its state and what to do about it."""
    addresses = EmailAddress.objects.filter(user=request.user).order_by("-primary", "pk")
    context = {"addresses": addresses, "factors": Factors.of(request.user)}
    return render(request, "accounts/security.html", context)
