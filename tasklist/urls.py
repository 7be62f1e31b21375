"""The site map. Every path answers with and without its closing slash."""

from django.contrib import admin
from django.urls import include, path, re_path

from tasklist import errors
from tasklist.health import ready
from tasklist.undo import undo

urlpatterns = [
    path("readyz/", ready, name="ready"),
    path("api/v1/", include(("tasklist.api", "api"))),
    path("accounts/", include("accounts.account_urls")),
    path("accounts/", include("accounts.openid.urls")),
    path("settings/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("undo/<uuid:batch>/", undo, name="undo"),
    path("products/", include("products.urls")),
    path("", include("tasks.urls")),
    re_path(r"^api/(?:.*/)?$", errors.not_there, name="api-nothing"),
]

handler400 = "tasklist.errors.bad_request"
handler403 = "tasklist.errors.permission_denied"
handler404 = "tasklist.errors.not_found"
handler500 = "tasklist.errors.server_error"
