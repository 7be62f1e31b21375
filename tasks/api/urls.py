from django.urls import path

from tasklist.rest.routers import Router
from tasks.api.labels import LabelViewSet
from tasks.api.lists import ListViewSet
from tasks.api.members import MemberViewSet
from tasks.api.people import ClosingViewSet, PersonsTasksViewSet
from tasks.api.tasks import TaskViewSet

router = Router()
router.register("lists", ListViewSet, "list")
router.register("lists/<int:pk>/members", MemberViewSet, "member")
router.register("tasks", TaskViewSet, "task")
router.register("labels", LabelViewSet, "label")

urlpatterns = [
    *router.urls,
    path("users/me/close/", ClosingViewSet.as_view({"post": "close"}), name="close"),
    path(
        "users/<str:who>/tasks/", PersonsTasksViewSet.as_view({"get": "list"}), name="users-tasks"
    ),
]
