from django.urls import path

from accounts.views import profile, security

app_name = "accounts"
urlpatterns = [
    path("", profile.profile, name="settings"),
    path("security/", security.security, name="security"),
]
