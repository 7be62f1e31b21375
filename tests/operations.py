"""Every operation of the API, and for each a place and a body that it would take."""

from django.urls import reverse

from accounts.tests.factories import PASSWORD, UserFactory
from tasks.tests.factories import TaskFactory
from tests.api import tokens_for
from tests.site import patterns, shared_like

# What only staff may do all of.
PRODUCTS = ("api:products", "api:product", "api:product-restore", "api:product-stock")

# What ends something reads no body, and never fails over one.
READS_NOTHING = {"api:logout POST", "api:end-sessions POST"}


def completed(scene, owner, viewer, stranger):
    """The scene with another list, a member of the first, and people to name in bodies."""
    others = {
        "owner": owner,
        "person": stranger,
        "member": viewer.pk,
        "other": shared_like(scene.list, owner),
        "newcomer": UserFactory(),
        "refresh": tokens_for(owner)["refresh"],
    }
    vars(scene).update(others)
    if not stranger.lists.exists():
        TaskFactory(by=stranger)
    return scene


def api_names():
    return [name for name in patterns() if name.startswith("api:")]


def operations_with_a_body():
    """{"api:tasks POST", …}: those to which a body can be sent."""
    return {
        f"{name} {method.upper()}"
        for name in api_names()
        for method in getattr(patterns()[name].callback, "actions", {})
        if method in ("post", "put", "patch")
    }


def about_lists_and_tasks():
    return {name for name in api_names() if "pk" in patterns()[name].pattern.converters}


def path(name, scene, shift=0):
    """Where the operation is done to the thing of the scene that it can change."""
    task = {"api:task-reopen": scene.done, "api:task-restore": scene.trashed}.get(name, scene.task)
    product = scene.trashed_product if name == "api:product-restore" else scene.product
    things = {
        "pk": (scene.list.pk if is_about_a_list(name) else task.pk) + shift,
        "user": scene.member + shift,
        "who": scene.person.pk + shift,
        "number": scene.token.pk + shift,
        "product_id": product.product_id,
    }
    wanted = patterns()[name].pattern.converters
    return reverse(name, kwargs={each: things[each] for each in wanted})


def is_about_a_list(name):
    return str(patterns()[name].pattern).startswith("lists/")


def body(name, method, scene):
    """A body that would be taken: a refusal is then about the person."""
    account = {"username": "new", "password": PASSWORD}
    product = {"name": "New", "category": "Toys", "price": 9.99}
    bodies = {
        "api:register POST": account,
        "api:users POST": account,
        "api:login POST": {"username": "owner", "password": PASSWORD},
        "api:refresh POST": {"refresh": scene.refresh},
        "api:tokens POST": {"name": "Backup", "scopes": ["read"]},
        "api:me PATCH": {"theme": "dark"},
        "api:close POST": {"password": PASSWORD},
        "api:user PATCH": {"is_active": False},
        "api:lists POST": {"title": "New"},
        "api:list PUT": {"title": "Renamed", "archived": scene.list.archived},
        "api:list PATCH": {"title": "Renamed"},
        "api:members POST": {"user": scene.newcomer.pk, "role": "editor"},
        "api:member PATCH": {"role": "editor"},
        "api:tasks POST": {"title": "New"},
        "api:task PUT": {"title": "Renamed"},
        "api:task PATCH": {"title": "Renamed"},
        "api:task-move POST": {"list": scene.other.pk},
        "api:products POST": {"product_id": "NEW", **product},
        "api:product PUT": product,
        "api:product PATCH": {"name": "New"},
        "api:product-stock POST": {"delta": -1},
    }
    return bodies.get(f"{name} {method}")
