from rest_framework.request import Request as RestRequest

from accounts.models import User


class Request(RestRequest):
    """A request of somebody who has shown who they are, as nearly every view gets it."""

    user: User
