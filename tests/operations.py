"""Every operation of the API, and for each a place and a body that it would take."""

from django.urls import reverse

from accounts.tests.factories import PASSWORD, UserFactory
from tasks.tests.factories import TaskFactory
from tests.api import tokens_for
from tests.site import patterns, shared_like


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


def about_lists_and_tasks():
    return {name for name in api_names() if "pk" in patterns()[name].pattern.converters}


def path(name, scene, shift=0):
    """Where the operation is done to the thing of the scene that it can change."""
    task = {"api:reopen": scene.done, "api:restore": scene.trashed}.get(name, scene.task)
    numbers = {
        "pk": scene.list.pk if is_about_a_list(name) else task.pk,
        "user": scene.member,
        "who": scene.person.pk,
        "number": scene.token.pk,
    }
    wanted = patterns()[name].pattern.converters
    return reverse(name, kwargs={each: numbers[each] + shift for each in wanted})


def is_about_a_list(name):
    return str(patterns()[name].pattern).startswith("lists/")


def body(name, method, scene):
    """A body that would be taken: a refusal is then about the person."""
    account = {"username": "new", "password": PASSWORD}
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
        "api:move POST": {"list": scene.other.pk},
    }
    return bodies.get(f"{name} {method}")
