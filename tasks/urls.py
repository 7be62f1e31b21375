"""The pages of lists and tasks. What only looks is a noun; what changes things is a verb."""

from django.urls import include, path

from tasks.views import agenda, lists, tasks, trash
from tasks.views.closing import close_account

list_urls = [
    path("", lists.index, name="index"),
    path("new/", lists.create, name="create"),
    path("<int:pk>/", lists.show, name="show"),
    path("<int:pk>/edit/", lists.edit, name="edit"),
    path("<int:pk>/archive/", lists.archive, name="archive"),
    path("<int:pk>/unarchive/", lists.unarchive, name="unarchive"),
    path("<int:pk>/leave/", lists.leave, name="leave"),
    path("<int:pk>/trash/", lists.trash, name="trash"),
    path("<int:pk>/restore/", lists.restore, name="restore"),
    path("<int:pk>/delete/", lists.delete, name="delete"),
]
task_urls = [
    path("new/", tasks.create, name="create"),
    path("<int:pk>/", tasks.show, name="show"),
    path("<int:pk>/edit/", tasks.edit, name="edit"),
    path("<int:pk>/complete/", tasks.complete, name="complete"),
    path("<int:pk>/reopen/", tasks.reopen, name="reopen"),
    path("<int:pk>/move/", tasks.move, name="move"),
    path("<int:pk>/up/", tasks.move_up, name="up"),
    path("<int:pk>/down/", tasks.move_down, name="down"),
    path("<int:pk>/trash/", tasks.trash, name="trash"),
    path("<int:pk>/restore/", tasks.restore, name="restore"),
    path("<int:pk>/delete/", tasks.delete, name="delete"),
]
urlpatterns = [
    path("", agenda.home, name="home"),
    path("today/", agenda.today, name="today"),
    path("upcoming/", agenda.upcoming, name="upcoming"),
    path("inbox/", lists.inbox, name="inbox"),
    path("trash/", trash.index, name="trash"),
    path("settings/close/", close_account, name="close-account"),
    path("lists/", include((list_urls, "lists"))),
    path("tasks/", include((task_urls, "tasks"))),
]
