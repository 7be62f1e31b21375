"""Personal tokens: made, listed and revoked by whoever has signed in, never by one of them."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.actions import tokens
from accounts.api.fresh import refuse_long_ago
from accounts.api.requests import Request
from accounts.api.serializers import TOKEN_FIELDS, MadeToken, PersonalToken, token_body
from accounts.models import ApiToken
from ledger.access import fetch
from tasklist.rest.paging import KeysetPagination, PageQuery, listed
from tasklist.rest.views import ApiViewSet


class TokenViewSet(ApiViewSet):
    """The personal tokens of the person who asks."""

    not_by_personal_token = ("list", "create", "destroy")
    pagination_class = KeysetPagination

    @extend_schema(parameters=[PageQuery], responses=PersonalToken(many=True))
    def list(self, request: Request) -> Response:
        """Your personal tokens, without their secrets. Those that expired stay for 30 days."""
        mine, query = ApiToken.objects.filter(user=request.user), PageQuery.of(request)
        return listed(request, mine, query, fields=TOKEN_FIELDS, shape=token_body)

    @extend_schema(request=PersonalToken, responses={201: MadeToken})
    def create(self, request: Request) -> Response:
        """Make a personal token. `token` is its secret, which is never shown again.

        It is good until it expires or is revoked, or until all that you have open ends: with a
        new password, "sign out everywhere", a disabled or closing account. You can have 50. It
        never manages accounts, passwords or tokens. You have to have shown who you are in the
        last five minutes, or get 403 `reauthentication_needed`: with a token, sign in anew; with
        a session, do it on the page.
        """
        refuse_long_ago(request)
        user, facts = request.user, PersonalToken.read(request)
        made, secret = tokens.make(user=user, by=user, **facts)
        row = ApiToken.objects.values(*TOKEN_FIELDS).get(pk=made.pk)
        body = token_body(row) | {"token": secret}
        return Response(body, 201, headers={"Cache-Control": "no-store"})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, number: int) -> Response:
        """Revoke a token: the next request with it is refused."""
        mine = ApiToken.objects.filter(user=request.user)
        token = fetch(mine, request.user, "revoke", pk=number)
        tokens.revoke(token=token, by=request.user)
        return Response(status=204)
