"""Below accounts/, by the names and paths that django-allauth has for them."""

from django.urls import path

from accounts.openid import views

urlpatterns = [
    path("oidc/<str:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
    path("oidc/cognito/turned-back/", views.cancelled, name="socialaccount_login_cancelled"),
]
