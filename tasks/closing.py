"""The form that asks what becomes of the lists of somebody who closes their account."""

from collections import defaultdict
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from tasks.models import Membership, TaskList
from tasks.models.lists import default_heir

GOES = "delete"  # with the account


class CloseForm(forms.Form):
    """A choice for each list that others share, and the password of who has one."""

    saves_nothing = True  # components/form_errors.html

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.lists = list(TaskList.objects.present().left_alone_by(user).by_title())
        heirs = heirs_of(self.lists, user)
        for task_list in self.lists:
            self.fields[f"list_{task_list.pk}"] = choice(task_list, heirs[task_list.pk])
        if user.has_usable_password():
            self.fields["password"] = forms.CharField(
                label=gettext_lazy("Your password"),
                strip=False,
                max_length=1_000,
                widget=forms.PasswordInput({"autocomplete": "current-password"}),
            )

    def heirs(self) -> dict[int, int | None]:
        """Who gets which list, as `close_account` takes it; not those that nothing is said of."""
        said = {each.pk: self.cleaned_data[f"list_{each.pk}"] for each in self.lists}
        return {pk: None if heir == GOES else int(heir) for pk, heir in said.items() if heir}


def heirs_of(lists: list[TaskList], user: User) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = defaultdict(list)
    memberships = Membership.objects.filter(list__in=[each.pk for each in lists])
    for membership in memberships.heirs(user).select_related("user"):
        found[membership.list_id].append(membership)
    return found


def choice(task_list: TaskList, heirs: list[Membership]) -> forms.ChoiceField:
    """Its first choice is what happens where nobody chooses."""
    words = _("Give it to %(person)s, %(role)s")
    given = [
        (str(each.user_id), words % {"person": each.user.label, "role": each.get_role_display()})
        for each in heirs
    ]
    goes = [(GOES, _("Delete it for everybody"))]
    choices = given + goes if default_heir(heirs) else goes + given
    return forms.ChoiceField(label=str(task_list), choices=choices, required=False)
