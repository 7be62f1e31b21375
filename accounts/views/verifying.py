"""Where the link leads that verifies an address."""

from typing import Any

from allauth.account.views import ConfirmEmailView
from django.http import Http404

from accounts.verification_links import good_link


class VerifyAddress(ConfirmEmailView):
    def get_object(self, queryset: Any = None) -> Any:
        """Raises Http404 where the link is no good."""
        if link := good_link(self.kwargs["key"]):
            return link
        raise Http404
