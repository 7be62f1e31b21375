"""Every kind of page, filled with what is hardest to draw: for what looks at them all."""

import json
import re
from datetime import timedelta
from itertools import chain
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount

from accounts.actions import events, sign_ins, tokens
from accounts.models import SecurityEvent
from accounts.openid.identity import PROVIDER
from products.actions import products
from products.tests.factories import ProductFactory
from tasklist.openid import Provider
from tasks.actions import lists, memberships, tasks
from tasks.models import Priority, Role, Status
from tasks.tests.factories import TaskFactory, TaskListFactory
from tests.passkey import Passkey
from tests.site import session_of

LONG_TITLE = "Ask everybody who was at the meeting whether the minutes say what was meant " * 3
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
LONG_LABELS = ["waiting for the landlord and no sooner than spring", "W" * 50]
LONG_NAME = "The things that must be ready before the whole team moves, and afterwards, " * 2
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
MARKDOWN = """\
Before a **Tuesday**, see `deploy/rollback.md` and [the plan](https://example.org/plan).

# Heading

- one
- two
    1. and three

> Somebody said this.

| What | When |
|------|------|
| Texts | Monday |

```
a line of code that is much longer than a telephone is wide, and that nobody may break in two
```
"""

# Each kind of page: its address, and whether one has to be signed in to see it.
VISITED = {
    "landing": "/",
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "sign in by mail": "/accounts/login/code/",
    "forgotten password": "/accounts/password/reset/",
    "reset mail sent": "/accounts/password/reset/done/",
    "broken reset link": "/accounts/password/reset/key/1-nonsense/",
    "broken e-mail link": "/accounts/confirm-email/nonsense/",
}
SIGNED_IN = {
    "today": "/today/",
    "upcoming": "/upcoming/",
    "inbox": "/inbox/",
    "list": "/lists/{list}/",
    "list, done": "/lists/{list}/?show=done",
    "list, empty": "/lists/{empty}/",
    "list, archived": "/lists/{archived}/",
    "list to read": "/lists/{foreign}/",
    "list form": "/lists/{list}/edit/",
    "list to leave": "/lists/{foreign}/leave/",
    "lists": "/lists/",
    "new list": "/lists/new/",
    "task": "/tasks/{task}/",
    "task with long words": "/tasks/{long}/",
    "new task": "/tasks/new/",
    "task form": "/tasks/{task}/edit/",
    "trash": "/trash/",
    "products": "/products/",
    "product": "/products/{product}/",
    "settings": "/settings/",
    "sign-in and security": "/settings/security/",
    "sessions": "/settings/sessions/",
    "personal tokens": "/settings/tokens/",
    "recent events": "/settings/events/",
    "passkeys": "/accounts/2fa/webauthn/",
    "is it you": "/accounts/reauthenticate/",
    "is it you, by a code": "/accounts/2fa/reauthenticate/",
    "is it you, by a passkey": "/accounts/2fa/webauthn/reauthenticate/",
    "e-mail addresses": "/accounts/email/",
    "new password": "/accounts/password/change/",
    "data": "/settings/data/",
    "close account": "/settings/close/",
    "keep account": "/settings/keep/",
    "sign out": "/accounts/logout/",
    "not found": "/tasks/999999/",
    "not allowed": "/tasks/{foreign_task}/edit/",
}
# What is shown only to somebody who has just typed their password.
CONFIRMED = {
    "new app": "/accounts/2fa/totp/activate/",
    "new passkey": "/accounts/2fa/webauthn/add/",
    "name of a passkey": "/accounts/2fa/webauthn/keys/{passkey}/edit/",
    "passkey to remove": "/accounts/2fa/webauthn/keys/{passkey}/remove/",
    "recovery codes": "/accounts/2fa/recovery-codes/",
    "recovery codes, seen": "/accounts/2fa/recovery-codes/?again",
    "new recovery codes": "/accounts/2fa/recovery-codes/generate/",
}
# What only staff see.
FOR_STAFF = {
    "products, with buttons": "/products/",
    "no such product": "/products/?q=%3F",
    "products in the trash": "/products/?show=trash",
    "product in the trash": "/products/{trashed_product}/",
    "product to sell": "/products/{product}/",
    "new product": "/products/new/",
    "product form": "/products/{product}/edit/",
}

# What there is only with a provider of OpenID Connect, see `with_a_provider`.
OF_A_PROVIDER = {
    "sign in here or there": "/accounts/login/",
    "on to the provider": "/accounts/oidc/cognito/login/",
    "turned back": "/accounts/oidc/cognito/turned-back/",
    "nothing came back": "/accounts/oidc/cognito/login/callback/",
}
LINKED = "/settings/linked/"


def addresses():
    """All of them, each about the first of its kind."""
    groups = (VISITED, SIGNED_IN, CONFIRMED, FOR_STAFF, OF_A_PROVIDER, {"linked": LINKED})
    for each in chain.from_iterable(group.values() for group in groups):
        yield urlsplit(re.sub(r"{\w+}", "1", each)).path


def with_a_provider(settings, user):
    """The site set up for a provider, at which `user` has an account with a long name."""
    settings.OPENID = Provider("https://idp.example.org", "client")
    facts = {"called": f"{'o' * 60}@{'long.' * 8}example.org"}
    SocialAccount.objects.create(user=user, provider=PROVIDER, uid="x", extra_data=facts)


def fill(user, other):
    """The lists and tasks of `user`, who shares with `other`; answers what addresses name."""
    long_list = TaskListFactory(title=LONG_NAME[:200], colour="amber", by=user)
    memberships.add(task_list=long_list, user=other, role=Role.EDITOR, by=user)
    lists.edit(task_list=long_list, by=user, description="What it is for.\nIn two lines.")
    archived = TaskListFactory(title="Last year", by=user)
    TaskFactory(title="Kept to be read", task_list=archived, by=user)
    foreign = TaskListFactory(title="Of another", by=other)
    memberships.add(task_list=foreign, user=user, role=Role.VIEWER, by=other)
    names = {
        "list": long_list.pk,
        "empty": TaskListFactory(title="Empty", by=user).pk,
        "archived": lists.archive(task_list=archived, by=user).pk,
        "foreign": foreign.pk,
        "foreign_task": TaskFactory(title="To be read", task_list=foreign, by=other).pk,
    }
    names["passkey"] = keep_passkey(user, LONG_WORD[:100])
    names |= stock_shelf(long_list)
    throw_away(user, long_list)
    EmailAddress.objects.create(user=user, email="owner@example.org", verified=True, primary=True)
    EmailAddress.objects.create(user=user, email=f"{'o' * 60}@{'long.' * 8}example.org")
    for client in (PHONE, LONG_WORD):
        session_of(user, client)
    sign_ins.begin(user=user, by=user)
    for name in ("Backup", LONG_WORD[:100]):
        tokens.make(user=user, name=name, scopes=["read", "write"], by=user)
    for kind in SecurityEvent.Kind:
        events.note(user=user, kind=kind, by=other, client=PHONE, email=f"{LONG_WORD}@example.org")
    return names | fill_list(long_list, user, other)


def stock_shelf(task_list):
    """A product that fits nowhere and runs low, and one in the trash."""
    product = ProductFactory(
        product_id="X" * 64,
        name=LONG_WORD,
        category=LONG_WORD[:100],
        description=LONG_TITLE,
        price="9999999999.99",
        attributes={LONG_WORD: [LONG_TITLE, True], "new": {"since": None}},
        stock=999_999_999,
        reorder_level=1_000_000_000,
        restock_list=task_list,
    )
    trashed = products.trash(product=ProductFactory(name=LONG_NAME), by=None)
    return {"product": product.pk, "trashed_product": trashed.pk}


def keep_passkey(user, name):
    """The number of a passkey that this person has, with recovery codes."""
    passkey = Passkey("https://tasks.example.org", "tasks.example.org")
    made = passkey.registered({"publicKey": {"user": {"id": ""}, "challenge": "AA"}})
    RecoveryCodes.activate(user)
    data = {"name": name, "credential": json.loads(made)}
    return Authenticator.objects.create(user=user, type="webauthn", data=data).pk


def fill_list(task_list, user, other):
    today = user.today()
    for days, priority in enumerate(Priority.values, start=-2):
        due = today + timedelta(days=days * 3)
        TaskFactory(title=f"Due {days}", by=user, due_date=due, priority=priority)
        TaskFactory(title=f"Here {days}", by=user, task_list=task_list, priority=priority)
    tasks.complete(task=TaskFactory(title="Done", task_list=task_list, by=user), by=user)
    TaskFactory(title="In the inbox", task_list=lists.inbox_of(user=user, by=user), by=user)
    long = TaskFactory(
        title=LONG_TITLE + LONG_WORD,
        task_list=task_list,
        labels=LONG_LABELS,
        priority=Priority.URGENT,
        due_date=today,
        assignee=other,
        by=user,
    )
    task = TaskFactory(
        title="Plan the launch day",
        task_list=task_list,
        description=MARKDOWN,
        due_date=today,
        labels=["launch", "bug"],
        start_date=today,
        estimate_minutes=45,
        by=user,
    )
    tasks.edit(task=task, status=Status.IN_PROGRESS, by=user)
    for title in ("Tell support", LONG_WORD):
        TaskFactory(title=title, task_list=task_list, parent=task, by=user)
    return {"long": long.pk, "task": task.pk}


def throw_away(user, task_list):
    for title in ("Thrown away", LONG_TITLE):
        tasks.trash(task=TaskFactory(title=title, task_list=task_list, by=user), by=user)
    lists.trash(task_list=TaskListFactory(title=LONG_NAME[:200], by=user), by=user)
