"""Every word of our own pages can be translated.

A pretended translation puts each text that goes through gettext between ⟦ and ⟧. What
people have typed consists of digits here, so any letter outside of the brackets is a
word that no translator will ever see.
"""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import _trans

from accounts.actions import events, sign_ins, tokens
from accounts.event_words import WAYS
from accounts.models import ApiToken, SecurityEvent
from accounts.tests.factories import PASSWORD, UserFactory
from products.actions import products
from products.tests.factories import ProductFactory
from tasks.actions import lists, memberships, tasks
from tasks.models import Role
from tasks.models.tasks import Priority, Status
from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.browser import world
from tests.site import session_of

pytestmark = pytest.mark.once

READ_ALOUD = ("placeholder", "aria-label", "title", "alt")
UNSEEN = ("script", "style")
NAMES = ("Tasklist",)  # no language has another word for it


@pytest.fixture(autouse=True)
def pretended_translation(monkeypatch):
    """gettext and its relatives, lazy or not, answer ⟦what they were asked⟧."""
    for name, position in {"gettext": 0, "pgettext": 1, "ngettext": 0, "npgettext": 1}.items():
        monkeypatch.setattr(_trans, name, bracketing(getattr(_trans, name), position))


def bracketing(translate, position):
    def translated(*args):
        return f"⟦{translate(*args)}⟧" if args[position] else ""

    return translated


@pytest.fixture
def person(db):
    return UserFactory(username="1.1")


@pytest.fixture
def addresses(person):
    """The pages that world.SIGNED_IN names, for somebody who writes in digits."""
    other = UserFactory(username="2.2")
    task_list = lists.create(title="3", description="4", by=person)
    memberships.add(task_list=task_list, user=other, role=Role.EDITOR, by=person)
    foreign = TaskListFactory(title="5", by=other)
    memberships.add(task_list=foreign, user=person, role=Role.VIEWER, by=other)
    archived = lists.archive(task_list=TaskListFactory(title="6", by=person), by=person)
    lists.trash(task_list=TaskListFactory(title="7", by=person), by=person)
    tasks.trash(task=TaskFactory(title="8", task_list=task_list, by=person), by=person)
    for kind in SecurityEvent.Kind:
        events.note(user=person, kind=kind, by=other, ways=[*WAYS], email="20", via="api")
    session_of(person, "21")
    sign_ins.begin(user=person, by=person)
    for day in (None, timezone.now() + timedelta(days=1)):
        tokens.make(user=person, name="22", scopes=["write"], expires_at=day, by=person)
    ApiToken.objects.update(prefix="23")
    names = {
        "list": task_list.pk,
        "archived": archived.pk,
        "empty": TaskListFactory(title="9", by=person).pk,
        "foreign": foreign.pk,
        "foreign_task": TaskFactory(title="10", task_list=foreign, by=other).pk,
        "task": full_task(task_list, person, other).pk,
        "long": TaskFactory(title="11", task_list=task_list, due_date=person.today(), by=person).pk,
    }
    names["passkey"] = world.keep_passkey(person, "20")
    names |= products_in_digits(task_list)
    pages = world.SIGNED_IN | world.CONFIRMED | world.FOR_STAFF
    return {name: address.format(**names) for name, address in pages.items()}


def products_in_digits(task_list):
    """One that runs low and has everything that a page can show, and one in the trash."""
    facts = {"name": "24", "category": "25", "description": "26", "attributes": {"27": True}}
    product = ProductFactory(
        product_id="28", stock=1, reorder_level=2, restock_list=task_list, **facts
    )
    trashed = products.trash(product=ProductFactory(product_id="29", **facts), by=None)
    return {"product": product.pk, "trashed_product": trashed.pk}


def full_task(task_list, person, other):
    """A task with everything that a page can show."""
    for priority in Priority:
        TaskFactory(title="12", task_list=task_list, priority=priority, by=person)
    task = TaskFactory(
        title="13",
        description="14",
        labels=["15"],
        assignee=other,
        start_date=person.today(),
        due_date=person.today(),
        estimate_minutes=16,
        task_list=task_list,
        by=person,
    )
    done = TaskFactory(title="17", task_list=task_list, parent=task, by=person)
    tasks.complete(task=done, by=person)
    return tasks.edit(task=task, status=Status.IN_PROGRESS, by=person)


class Words(HTMLParser):
    """Collects what a page says outside of the brackets."""

    def __init__(self, page):
        super().__init__()
        self.open, self.depth, self.outside = [], 0, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        # Neither script nor style has children, nor what says of itself that it is no language.
        self.open = ["script" if ("translate", "no") in attributes else tag]
        for name, value in attributes:
            if name in READ_ALOUD:
                self.keep(outside_of_brackets(value or "", 0)[0])

    def handle_endtag(self, tag):
        self.open = []

    def handle_data(self, text):
        if self.open[:1] and self.open[0] in UNSEEN:
            return
        words, self.depth = outside_of_brackets(text, self.depth)
        self.keep(words)

    def keep(self, words):
        for name in NAMES:
            words = words.replace(name, "")
        if any(letter.isalpha() for letter in words):
            self.outside.append(words.strip())


def outside_of_brackets(text, depth):
    kept = ""
    for letter in text:
        if letter == "⟧":
            depth -= 1
        elif letter == "⟦":
            depth += 1
        elif depth == 0:
            kept += letter
    return kept, depth


def said_untranslated(response):
    return Words(response.content.decode()).outside


@pytest.mark.parametrize("name", world.VISITED)
@pytest.mark.django_db
def test_pages_for_everybody_can_be_translated(visitor, name):
    assert said_untranslated(visitor.get(world.VISITED[name])) == []


@pytest.mark.parametrize("name", world.OF_A_PROVIDER)
def test_pages_of_a_provider_can_be_translated(visitor, settings, person, name):
    world.with_a_provider(settings, person)
    assert said_untranslated(visitor.get(world.OF_A_PROVIDER[name])) == []


def test_linked_accounts_can_be_translated(signed_in, settings, person):
    world.with_a_provider(settings, person)
    SocialAccount.objects.update(extra_data={"called": "17"})
    assert said_untranslated(signed_in(person).get(world.LINKED)) == []


@pytest.mark.parametrize("name", [name for name in world.SIGNED_IN if name != "settings"])
def test_pages_for_members_can_be_translated(signed_in, person, addresses, name):
    assert said_untranslated(signed_in(person).get(addresses[name])) == []


def test_pages_that_ask_first_can_be_translated(signed_in, person, addresses):
    client = signed_in(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for name in world.CONFIRMED:
        page = client.get(addresses[name])
        assert page.status_code == 200
        assert said_untranslated(page) == [], name


def test_what_staff_see_of_products_can_be_translated(signed_in, addresses):
    client = signed_in(UserFactory(username="9.9", is_superuser=True))
    for name in world.FOR_STAFF:
        assert said_untranslated(client.get(addresses[name])) == [], name
    for name in ("new product", "product form"):
        wrong = client.post(addresses[name], {"price": "-1", "attributes": "[", "stock": "x"})
        assert (wrong.status_code, said_untranslated(wrong)) == (422, [])
    product = addresses["product to sell"]
    for step, form in (("stock", {"delta": "-9"}), ("stock", {"delta": "1"}), ("trash", {})):
        assert said_untranslated(client.post(f"{product}{step}/", form, follow=True)) == []


def test_the_settings_can_be_translated_but_for_the_names_of_places(signed_in, person):
    page = signed_in(person).get("/settings/").content.decode()
    before, _, rest = page.partition('id="id_time_zone"')
    _, _, after = rest.partition("</select>")
    assert Words(before + ">" + after).outside == []


def test_empty_places_can_be_translated(signed_in, person):
    for address in ("/today/", "/upcoming/", "/inbox/", "/lists/", "/trash/", "/products/"):
        assert said_untranslated(signed_in(person).get(address)) == []


def test_mistakes_and_messages_can_be_translated(signed_in, person, addresses):
    client = signed_in(person)
    for name in ("new task", "task form", "list form"):
        wrong = client.post(addresses[name], {"title": "", "due_date": "1", "colour": "2"})
        assert wrong.status_code == 422
        assert said_untranslated(wrong) == []
    for step in ("complete", "reopen", "trash", "restore"):
        done = client.post(f"{addresses['task']}{step}/", follow=True)
        assert "message" in done.content.decode()
        assert said_untranslated(done) == []


@pytest.mark.parametrize("days", [1, -1])
def test_the_way_back_into_a_closing_account_can_be_translated(days, signed_in, person):
    person.closes_at = timezone.now() + timedelta(days=days)
    person.save()
    page = signed_in(person).get("/settings/keep/")
    assert page.status_code == 200
    assert said_untranslated(page) == []


def test_a_conflict_can_be_translated(signed_in, person, addresses):
    form = {"status": "pending", "priority": "0", "version": "1"}
    client = signed_in(person)
    client.post(addresses["task form"], form | {"title": "18"})
    response = client.post(addresses["task form"], form | {"title": "19"})
    assert response.status_code == 409
    assert said_untranslated(response) == []


def test_a_word_outside_of_gettext_would_be_found():
    page = '<p title="⟦a⟧ b">⟦c <b>d</b>⟧ 1 Tasklist</p><script>e</script>'
    page += '<b translate="no">g</b><p>f</p>'
    assert Words(page).outside == ["b", "f"]


def test_the_admin_can_be_translated(signed_in, addresses, person):
    client = signed_in(UserFactory(username="9.9", is_superuser=True))
    number = addresses["task"].split("/")[2]

    for path in (
        *("/admin/", "/admin/tasks/task/", "/admin/tasks/label/", "/admin/tasks/membership/"),
        *("/admin/tasks/tasklist/", f"/admin/tasks/task/{number}/change/", "/admin/accounts/user/"),
        *("/admin/tasks/membership/add/", f"/admin/accounts/user/{person.pk}/password/"),
        f"/admin/accounts/user/{person.pk}/delete/",
        *("/admin/products/product/", "/admin/products/product/add/"),
    ):
        assert {*said_untranslated(client.get(path))} <= {
            "Search",
            "True",
            "False",
        }  # Django's pictures


def test_the_import_of_products_can_be_translated(signed_in, db):
    client = signed_in(UserFactory(username="9.9", is_superuser=True))
    ProductFactory(product_id="1", name="2", category="3")
    path = "/admin/products/product/import/"
    bad = "product_id,stock\n1,-1\n4,5\n"

    for file in (None, "product_id,stock\n1,7\n", "product_id,stock\n1,5\n", "1,2\n3,4\n", bad):
        sent = {"import_file": SimpleUploadedFile("1", file.encode())} if file else {}
        answer = client.post(path, sent | {"format": "0"}) if file else client.get(path)
        assert said_untranslated(answer) == []
