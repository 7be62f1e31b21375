"""Every address of the site, and lists and tasks in every state for them to show."""

from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace

from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.actions import sign_ins, tokens
from ledger.models import Change
from products.actions import products
from products.tests.factories import ProductFactory
from tasklist.session_store import row_key
from tasks.actions import lists, memberships, tasks
from tasks.tests.factories import TaskFactory, TaskListFactory

# What is no page of ours: programs' and staff's, what django-allauth names, and what shows nothing.
NOT_OURS = ("admin:", "api:", "account_", "mfa_", "socialaccount_", "openid_connect_")
NO_PAGES = {"ready", "api-nothing"}


@cache
def patterns():
    """{name with its namespaces: pattern} of every address, in the order of the site map."""
    return dict(_below(get_resolver(), ""))


def _below(resolver, space):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield space + (pattern.name or ""), pattern
        else:
            yield from _below(
                pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space
            )


def our_names():
    """The pages of our apps, which are all that nobody has said above to be others'."""
    return [name for name in patterns() if not name.startswith(NOT_OURS) and name not in NO_PAGES]


def takes_a_number(name):
    return "pk" in patterns()[name].pattern.converters


def address(name, thing):
    """The path of a page; `thing` is the number of what it is about, where it is about one."""
    return reverse(name, args=[thing] if patterns()[name].pattern.converters else [])


def about(name, scene):
    """What a page is about, in the state in which its button does something."""
    if name == "undo":
        return Change.objects.about(scene.task).latest("version").batch
    others = {
        "tasks:reopen": scene.done,
        "tasks:restore": scene.trashed,
        "tasks:delete": scene.trashed,
        "accounts:end-session": scene.session,
        "accounts:end-sign-in": scene.sign_in,
        "accounts:revoke-token": scene.token,
        "products:restore": scene.trashed_product,
        "products:delete": scene.trashed_product,
    }
    if name.startswith("products:"):
        return others.get(name, scene.product).pk
    return (scene.list if name.startswith("lists:") else others.get(name, scene.task)).pk


def furnished(task_list, by):
    """The list with tasks in every state: `task` is open, stands between two, has a subtask."""
    for title in ("First", "Task", "Last", "Over", "Thrown away"):
        TaskFactory(title=title, task_list=task_list, by=by)
    task, done, trashed = (
        task_list.tasks.get(title=each) for each in ("Task", "Over", "Thrown away")
    )
    TaskFactory(title="Part", task_list=task_list, parent=task, by=by)
    return SimpleNamespace(
        list=task_list,
        task=task,
        done=tasks.complete(task=done, by=by),
        trashed=tasks.trash(task=trashed, by=by),
        session=session_of(by),
        sign_in=sign_ins.begin(user=by, by=by),
        product=ProductFactory(),
        trashed_product=products.trash(product=ProductFactory(), by=None),
        token=tokens.make(user=by, name="Script", scopes=["read"], by=by)[0],
    )


def confirmed(browser):
    """The browser, as if its person had just shown once more that it is them."""
    request = SimpleNamespace(session=browser.session)
    record_authentication(request, get_user(request), "password", reauthenticated=True)
    request.session.save()
    return browser


def session_of(user, client=""):
    """A browser in which the person has signed in."""
    browser = Client()
    browser.force_login(user)
    key = row_key(browser.session.session_key)
    return UserSession.objects.create(
        user=user, session_key=key, ip="203.0.113.5", user_agent=client
    )


def shared_like(task_list, by):
    """One more list of `by`, with the same people in the same roles."""
    other = TaskListFactory(title="Another", by=by)
    for each in task_list.memberships.exclude(user=by):
        memberships.add(task_list=other, user=each.user, role=each.role, by=by)
    return other


def archived_like(task_list, by):
    scene = furnished(shared_like(task_list, by), by)
    scene.list = lists.archive(task_list=scene.list, by=by)
    return scene


def thrown_away_like(task_list, by):
    scene = furnished(shared_like(task_list, by), by)
    scene.list = lists.trash(task_list=scene.list, by=by)
    return scene


@contextmanager
def undone():
    """What happens inside has not happened, counts of guesses included, which ask for more."""
    block = transaction.atomic()
    block._from_testcase = True  # so that Django allows a durable transaction inside
    with block:
        yield
        transaction.set_rollback(True)
