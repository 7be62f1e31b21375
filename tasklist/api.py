"""What is in the API, version 1."""

from csp.decorators import csp_update
from django.urls import include, path
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from tasklist.rest.schema import MadeOnce

READ = ["get", "head"]


class Schema(SpectacularJSONAPIView):
    """What the API can do, for programs: OpenAPI 3.1."""

    generator_class = MadeOnce
    http_method_names = READ


@method_decorator(csp_update({"img-src": ["data:"]}), name="dispatch")  # Swagger UI's icons
class Docs(SpectacularSwaggerSplitView):
    """The same for people, to read and to try."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    http_method_names = READ


urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    path("", include("accounts.api.urls")),
    path("", include("tasks.api.urls")),
    path("", include("products.api")),
]
