"""The pages of django-allauth, and before them those that we add or guard."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_change, password_reset_from_key, password_set
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.base.views import authenticate
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp, deactivate_totp
from allauth.mfa.webauthn.views import (
    add_webauthn,
    login_webauthn,
    reauthenticate_webauthn,
    remove_webauthn,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from accounts.factors.ceremonies import asks_for_a_passkey
from accounts.views.invited import invited
from accounts.views.reauthentication import reauthenticate_by_mail
from accounts.views.verifying import VerifyAddress
from accounts.views.while_signed_in import email, while_signed_in


def set_password(request: HttpRequest) -> HttpResponse:
    """A first password. One typed too late is asked for anew, and not kept in the session.

    Where django-allauth keeps other forms while it asks who somebody is.
    """
    try:
        return reauthentication_required(password_set)(request)
    except ReauthenticationRequired:
        if request.method != "POST":
            raise
        return redirect("account_set_password")


urlpatterns = [
    path("invitation/<str:key>/", invited, name="invited"),
    path("reauthenticate/mail/", reauthenticate_by_mail, name="account_reauthenticate_by_mail"),
    path("2fa/", RedirectView.as_view(pattern_name="accounts:security"), name="mfa_index"),
    path("email/", email, name="account_email"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", VerifyAddress.as_view(), name="account_confirm_email"
    ),
    # What these show is in no browser's memory when somebody goes back.
    path("password/change/", never_cache(password_change), name="account_change_password"),
    path("password/set/", never_cache(set_password), name="account_set_password"),
    re_path(
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        never_cache(password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "2fa/totp/activate/", never_cache(while_signed_in(activate_totp)), name="mfa_activate_totp"
    ),
    path(
        "2fa/totp/deactivate/",
        while_signed_in(deactivate_totp),
        name="mfa_deactivate_totp",
    ),
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        while_signed_in(remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path("2fa/recovery-codes/", never_cache(view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        while_signed_in(generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("2fa/authenticate/", asks_for_a_passkey(authenticate), name="mfa_authenticate"),
    path(
        "2fa/webauthn/add/",
        asks_for_a_passkey(while_signed_in(add_webauthn)),
        name="mfa_add_webauthn",
    ),
    path("2fa/webauthn/login/", asks_for_a_passkey(login_webauthn), name="mfa_login_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/",
        asks_for_a_passkey(reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.account.urls")),
]
