"""What the site map promises: nothing public by accident, no address lost over a slash."""

import re
from copy import deepcopy
from urllib.parse import urljoin, urlsplit

import pytest
from rest_framework.permissions import IsAuthenticated

from accounts.api.users import StaffWithPermission
from accounts.tests.factories import PASSWORD
from tasks.tests.factories import TaskFactory
from tasks.tests.views.pages import everything, read
from tests.site import (
    about,
    address,
    archived_like,
    confirmed,
    furnished,
    our_names,
    patterns,
    thrown_away_like,
    undone,
)

# What somebody who is not signed in gets. All the rest sends them to sign in.
PUBLIC = {
    "ready",
    "home",
    "admin:login",  # which leads to the next
    "api-nothing",
    "api:schema",
    "api:docs",
    "api:register",
    "api:login",
    "api:refresh",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "invited",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
}
NOT_ON_A_PAGE = re.compile(r"^(/static/|mailto:|#)")
FILTERS = re.compile(r"^/admin/.*[?]")  # each with each other: tests/test_admin.py tries them
FORMS = {
    "accounts:time-zone": {"time_zone": "Europe/Berlin"},
    "close-account": {"password": PASSWORD},
    "lists:create": {"title": "New", "colour": "red"},
    "lists:edit": {"title": "Renamed", "colour": "red", "version": "1"},
    "tasks:create": {"title": "New"},
    "tasks:edit": {"title": "Renamed", "version": "1"},
    "products:create": {
        "product_id": "NEW",
        "name": "New",
        "category": "C",
        "price": "1",
        "stock": "1",
    },
    "products:edit": {"name": "Renamed", "category": "C", "price": "1", "version": "1"},
    "products:stock": {"delta": "-1"},
    "accounts:tokens": {"name": "Backup", "scope": "read", "expires": "90"},
    "accounts:settings": {"time_zone": "Europe/Berlin", "week_start": "6", "theme": "dark"},
}
ALLAUTHS = [
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/signup/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/password/reset/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/reauthenticate/mail/",
    "/accounts/confirm-email/",
    "/readyz/",
    "/healthz/",
]


@pytest.fixture
def scene(shared_list, owner):
    return furnished(shared_list, owner)


def path_of(name, scene):
    return address(name, about(name, scene))


def test_only_what_is_listed_here_is_open_to_visitors():
    views = {name: pattern.callback for name, pattern in patterns().items()}

    assert {name for name, view in views.items() if is_public(view)} == PUBLIC


def is_public(view):
    """Views of the API let in by their permissions, all others by a decorator."""
    if hasattr(view, "cls"):
        return not {IsAuthenticated, StaffWithPermission} & set(view.cls.permission_classes)
    return not getattr(view, "login_required", True)


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in our_names() if name not in PUBLIC])
def test_a_visitor_is_sent_to_sign_in_and_from_there_back(name, scene, visitor):
    path = path_of(name, scene)

    assert visitor.get(path)["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name in our_names() if name != "home"])
def test_every_page_answers_without_its_closing_slash_too(name, scene, signed_in, owner):
    client, path = confirmed(signed_in(owner)), path_of(name, scene)

    assert seen(client.get(path.rstrip("/")), path) == seen(client.get(path), path)
    other = confirmed(signed_in(owner))  # since one form signs out
    assert sent(client, path.rstrip("/"), name) == sent(other, path, name)


def seen(response, path):
    """The answer, its own address and what is new in every answer apart."""
    text = re.sub(r'name="(csrfmiddlewaretoken|submission)" value="[^"]*"', "", body(response))
    text = text.replace(f'value="{path}"', f'value="{path.rstrip("/")}"')
    return response.status_code, response.get("Location"), text


def body(response):
    return response.content.decode()


def sent(client, path, name):
    """How a form sent to this address is answered, and how many rows it writes."""
    cookies = deepcopy(client.cookies)
    with undone():
        before = everything()
        response = client.post(path, FORMS.get(name))
        after = everything()
    client.cookies = cookies  # whoever was signed out is signed in again
    changed = sorted(table for table in before if len(after[table]) != len(before[table]))
    where = re.sub(r"\d+", "N", response.get("Location", ""))
    return response.status_code, where, changed


@pytest.mark.once
@pytest.mark.parametrize("path", ALLAUTHS)
def test_the_pages_of_the_account_answer_without_a_slash_too(path, signed_in, owner, visitor):
    for client in (signed_in(owner), visitor):
        with_slash, without = client.get(path), client.get(path.rstrip("/"))
        assert without.status_code == with_slash.status_code
        assert without.get("Location", "").rstrip("/") in (
            with_slash.get("Location", "").rstrip("/"),
            f"/accounts/login/?next={path.rstrip('/')}",
        )


def test_signing_in_works_at_the_address_without_a_slash(owner, visitor):
    answer = visitor.post("/accounts/login", {"login": "owner", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert visitor.session["_auth_user_id"] == str(owner.pk)


@pytest.mark.once
@pytest.mark.parametrize("path", ["/today//", "/today/x", "/lists/1x/", "/tasks/-1/", "/é"])
def test_what_is_nearly_an_address_is_none(path, visitor, db):
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("person", ["owner", "editor", "viewer", "stranger", "staff"])
def test_every_link_on_every_page_leads_somewhere(person, request, scene, signed_in, owner):
    archived_like(scene.list, owner)
    thrown_away_like(scene.list, owner)
    TaskFactory(title="Private", task_list=None, by=owner)
    client = signed_in(request.getfixturevalue(person))
    found, statuses = ["/"], {}

    while found:
        path = found.pop()
        response = client.get(path, follow=True)
        statuses[path] = response.status_code
        found += sorted({*links(response, path)} - {*statuses, *found})

    assert {path: status for path, status in statuses.items() if status != 200} == {}
    assert {"/", "/today/", "/inbox/", "/trash/", "/settings/", "/tasks/new/"} <= set(statuses)
    assert ("/admin/tasks/task/" in statuses) == (person == "staff")


def test_every_button_on_every_page_leads_to_a_view_that_takes_it(scene, signed_in, owner):
    archived_like(scene.list, owner)
    thrown_away_like(scene.list, owner)
    client = signed_in(owner)
    pages = [path_of(name, scene) for name in our_names()]
    actions = {action for path in pages for action in buttons(client.get(path), path)}
    before = everything()

    answers = {path: client.options(path).get("Allow", "") for path in actions}

    assert {path for path, allowed in answers.items() if "POST" not in allowed} == set()
    assert {"/tasks/new/", address("tasks:complete", scene.task.pk)} <= actions
    assert everything() == before


def links(response, path):
    if not response["Content-Type"].startswith("text/html"):
        return
    for anchor in read(response).all("a"):
        href = anchor.attributes.get("href", "#")  # the admin has some that scripts fill in
        if not NOT_ON_A_PAGE.match(href):
            href = href if href.startswith("/") else urljoin(path, href)
            if not FILTERS.match(href):
                yield href


def buttons(response, path):
    if response.status_code != 200:
        return
    for form in read(response).all("form", method="post"):
        for button in form.all("button"):
            action = button.attributes.get("formaction") or form.attributes.get("action")
            yield action or urlsplit(path).path
