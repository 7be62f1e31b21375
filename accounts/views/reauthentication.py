"""The page on which a mailed code is sent and typed: `MailedCode` says for whom."""

from typing import Any

from allauth.account.views import BaseReauthenticateView
from allauth.core import context
from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.guessing import throttles
from accounts.reauthentication.mailed_code import MailedCode
from accounts.requests import Request
from accounts.verified import verified_address
from tasklist.throttled import TooManyAttempts


class CodeForm(forms.Form):
    saves_nothing = True
    code = forms.CharField(
        label=gettext_lazy("The code from the mail"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, mailed: MailedCode | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mailed = mailed

    def clean_code(self) -> str:
        """Raises TooManyAttempts before it is compared."""
        code: str = self.cleaned_data["code"]
        guess = throttles.guess(context.request, account=context.request.user, at="code")
        if self.mailed is None or not self.mailed.is_answered_by(code):
            raise forms.ValidationError(_("This is not the code, or it is too old."), code="wrong")
        guess.right()
        return code


class ReauthenticateByMail(BaseReauthenticateView):
    form_class = CodeForm
    template_name = "account/reauthenticate_by_mail.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"mailed": MailedCode.of(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        address = verified_address(self.request.user)
        return context | {"address": address, "mailed": MailedCode.of(self.request)}

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """A code that was typed, or the wish to get one."""
        if "code" in request.POST:
            return super().post(request, *args, **kwargs)
        if address := verified_address(request.user):
            self.send_to(address)
        return HttpResponseRedirect(self.passthrough_next_url(request.path))

    def send_to(self, address: str) -> None:
        try:
            throttles.mail(self.request, email=address)
        except TooManyAttempts as error:
            messages.error(self.request, " ".join(error.messages))
        else:
            MailedCode.begin(self.request, address)


reauthenticate_by_mail = ReauthenticateByMail.as_view()
