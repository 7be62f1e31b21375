from typing import Any

from django.urls import path

from tasks.api.labels import LabelViewSet
from tasks.api.lists import ListViewSet
from tasks.api.members import MemberViewSet
from tasks.api.people import ClosingViewSet, PersonsTasksViewSet
from tasks.api.tasks import TaskViewSet

MANY: dict[str, Any] = {"get": "list", "post": "create"}
MEMBER: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
ONE: dict[str, Any] = {**MEMBER, "put": "update"}

urlpatterns = [
    path("lists/", ListViewSet.as_view(MANY), name="lists"),
    path("lists/<int:pk>/", ListViewSet.as_view(ONE), name="list"),
    path("lists/<int:pk>/restore/", ListViewSet.as_view({"post": "restore"}), name="list-restore"),
    path("lists/<int:pk>/tasks/", ListViewSet.as_view({"get": "tasks"}), name="list-tasks"),
    path("lists/<int:pk>/members/", MemberViewSet.as_view(MANY), name="members"),
    path("lists/<int:pk>/members/<int:user>/", MemberViewSet.as_view(MEMBER), name="member"),
    path("tasks/", TaskViewSet.as_view(MANY), name="tasks"),
    path("tasks/<int:pk>/", TaskViewSet.as_view(ONE), name="task"),
    path("tasks/<int:pk>/complete/", TaskViewSet.as_view({"post": "complete"}), name="complete"),
    path("tasks/<int:pk>/reopen/", TaskViewSet.as_view({"post": "reopen"}), name="reopen"),
    path("tasks/<int:pk>/restore/", TaskViewSet.as_view({"post": "restore"}), name="restore"),
    path("tasks/<int:pk>/move/", TaskViewSet.as_view({"post": "move"}), name="move"),
    path("labels/", LabelViewSet.as_view({"get": "list"}), name="labels"),
    path("users/me/close/", ClosingViewSet.as_view({"post": "close"}), name="close"),
    path(
        "users/<str:who>/tasks/", PersonsTasksViewSet.as_view({"get": "list"}), name="users-tasks"
    ),
]
