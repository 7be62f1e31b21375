"""Labels by the API."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api.requests import Request
from tasklist.rest.paging import KeysetPagination, listed
from tasklist.rest.views import ApiViewSet
from tasks.api import serializers
from tasks.api.bodies import LABEL_FIELDS, label_body
from tasks.api.queries import LabelQuery
from tasks.models import Label


class LabelViewSet(ApiViewSet):
    """The labels in use, in every list that the person takes part in."""

    pagination_class = KeysetPagination

    @extend_schema(parameters=[LabelQuery], responses=serializers.Label(many=True))
    def list(self, request: Request) -> Response:
        """The labels that tasks have, with the list each belongs to; by name."""
        query = LabelQuery.of(request)
        found = Label.objects.where_user_may(request.user, "view").in_use()
        if "list" in query:
            found = found.filter(list=query["list"])
        order = ["name", "id"]
        return listed(request, found, query, order=order, fields=LABEL_FIELDS, shape=label_body)
