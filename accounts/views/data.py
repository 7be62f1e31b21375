from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request


@require_safe
def data(request: Request) -> HttpResponse:
    return render(request, "accounts/data.html")
