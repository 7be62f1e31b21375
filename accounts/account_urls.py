"""The pages of django-allauth, and before them those that we add or guard."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.by_mail import reauthenticate_by_mail

urlpatterns = [
    path("reauthenticate/mail/", reauthenticate_by_mail, name="account_reauthenticate_by_mail"),
    path("password/set/", reauthentication_required(password_set), name="account_set_password"),
    path("2fa/", RedirectView.as_view(pattern_name="accounts:security"), name="mfa_index"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.account.urls")),
]
