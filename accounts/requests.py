from django.http import HttpRequest

from accounts.models import User


class Request(HttpRequest):
    """A request of somebody who is signed in, as nearly every view gets it."""

    user: User
