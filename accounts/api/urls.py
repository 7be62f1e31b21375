from django.urls import path

from accounts.api.auth import LogoutViewSet, OpenViewSet, VerifyViewSet
from accounts.api.tokens import TokenViewSet
from accounts.api.users import OneselfViewSet, PeopleViewSet, PersonViewSet

urlpatterns = [
    path("auth/register/", OpenViewSet.as_view({"post": "register"}), name="register"),
    path("auth/login/", OpenViewSet.as_view({"post": "login"}), name="login"),
    path("auth/refresh/", OpenViewSet.as_view({"post": "refresh"}), name="refresh"),
    path("auth/logout/", LogoutViewSet.as_view({"post": "logout"}), name="logout"),
    path("auth/verify/", VerifyViewSet.as_view({"get": "verify"}), name="verify"),
    path("tokens/", TokenViewSet.as_view({"get": "list", "post": "create"}), name="tokens"),
    path("tokens/<int:number>/", TokenViewSet.as_view({"delete": "destroy"}), name="token"),
    path("users/", PeopleViewSet.as_view({"get": "list", "post": "create"}), name="users"),
    path(
        "users/me/",
        OneselfViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="me",
    ),
    path(
        "users/<str:who>/",
        PersonViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="user",
    ),
    path(
        "users/<str:who>/end-sessions/",
        PersonViewSet.as_view({"post": "end_sessions"}),
        name="end-sessions",
    ),
]
