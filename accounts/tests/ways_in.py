"""Every way in, from signing in to being asked whether it still holds.

`sign_out` leaves by itself, as its program would; `end` is the button on the person's page.
"""

from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.actions import identities, tokens
from accounts.openid.identity import Identity
from accounts.tests.factories import PASSWORD
from accounts.tests.openid.test_hosted import sign_in
from tasklist.session_store import row_key
from tests.api import Api, InProcess, tokens_for


class Session:
    """A browser in which somebody has signed in on the page."""

    def __init__(self, user, _provider=None):
        self.browser = Client()
        form = {"login": user.username, "password": PASSWORD}
        assert self.browser.post("/accounts/login/", form).status_code == 302

    @property
    def key(self):
        return self.browser.session.session_key

    def post(self, path, form=None):
        return self.browser.post(path, form)

    def is_in(self):
        """By the page and by the API."""
        page, api = self.browser.get("/today/"), self.browser.get("/api/v1/lists")
        answers = (page.status_code, api.status_code)
        assert answers in ((200, 200), (302, 401))
        return answers == (200, 200)

    def sign_out(self, _here):
        self.post("/accounts/logout/")

    def end(self, here):
        row = UserSession.objects.get(session_key=row_key(self.key))
        assert here.post(f"/settings/sessions/{row.pk}/end/").status_code == 302


def linked(user, provider):
    """What the provider says about an account there that signs this person in."""
    claims = {"iss": provider.url, "sub": f"subject-{user.pk}"}
    identities.link(user=user, identity=Identity.of(claims), by=user)
    return {"sub": claims["sub"]}


class LinkedSession(Session):
    """A browser in which somebody has signed in on the page of a provider, as Cognito's."""

    def __init__(self, user, provider):
        self.browser, provider.person = Client(), linked(user, provider)
        assert sign_in(self.browser).status_code == 302


class CognitoToken:
    """An access token that Cognito made: only what ends everything ends it here."""

    sign_out = end = None

    def __init__(self, user, provider):
        self.user = user
        self.token = provider.access_token(**linked(user, provider))

    def is_in(self):
        """As this person: once they are deleted, it is somebody new's."""
        answer = Api(InProcess(), self.token).get("auth/verify")
        assert answer.status in (200, 401)
        return answer.status == 200 and answer.json["user_id"] == self.user.pk


class AccessToken:
    """A program that has signed in: its access token."""

    def __init__(self, user, _provider=None):
        self.user, self.pair = user, tokens_for(user)
        self.sign_in = user.sign_ins.latest("pk")

    @property
    def token(self):
        return self.pair["access"]

    def is_in(self):
        answer = Api(InProcess(), self.token).get("lists")
        assert answer.status in (200, 401)
        return answer.status == 200

    def sign_out(self, _here):
        assert Api(InProcess(), self.pair["access"]).post("auth/logout").status == 204

    def end(self, here):
        path = f"/settings/sign-ins/{self.sign_in.pk}/end/"
        assert here.post(path).status_code == 302


class RefreshToken(AccessToken):
    """... and its refresh token, which can be tried once."""

    def is_in(self):
        answer = Api(InProcess()).post("auth/refresh", {"refresh": self.pair["refresh"]})
        assert answer.status in (200, 401)
        return answer.status == 200


class PersonalToken:
    """A script with a personal token."""

    def __init__(self, user, _provider=None):
        self.user = user
        self.row, self.token = tokens.make(user=user, name="x", scopes=["write"], by=user)

    def is_in(self):
        answer = Api(InProcess(), self.token).get("lists")
        assert answer.status in (200, 401)
        return answer.status == 200

    def sign_out(self, _here):
        """By a program that has signed in: a token manages no tokens."""
        program = Api(InProcess(), tokens_for(self.user)["access"])
        assert program.delete(f"tokens/{self.row.pk}").status == 204

    def end(self, here):
        assert here.post(f"/settings/tokens/{self.row.pk}/revoke/").status_code == 302


WAYS_IN = {
    "session": Session,
    "session by a linked account": LinkedSession,
    "access token": AccessToken,
    "refresh token": RefreshToken,
    "personal token": PersonalToken,
    "token of Cognito": CognitoToken,
}
