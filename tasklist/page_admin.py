"""The admin of what lies in a trash before it is gone; and of what has pages of its own."""

from functools import partialmethod
from types import ModuleType
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.access import may
from tasklist.admin import ActionAdmin, RowForm


class TrashAdmin(ActionAdmin):
    """Rows that a module of `verbs` writes: create, edit, trash, restore and perhaps delete.

    All take a row by one name, its `noun`: verbs.trash(product=..., by=...).
    """

    verbs: ModuleType
    noun: str
    actions: Any = ("trash", "restore")
    exclude = ("version",)  # the column: the form has a field of its own

    def write(self, request: Any, form: Any, row: Any) -> Model:
        by, facts = request.user, form.facts()
        if row:
            version = form.version_read()
            return self.verbs.edit(**{self.noun: row}, by=by, version=version, **facts)
        return self.verbs.create(by=by, submission=form.cleaned_data["submission"], **facts)

    def discard(self, request: Any, row: Any) -> None:
        self.verbs.delete(**{self.noun: row}, by=request.user)

    def movable(self, rows: Any) -> Any:
        """Those that can go into the trash or come back."""
        return rows

    @admin.action(description=gettext_lazy("Move to trash"), permissions=["change"])
    def trash(self, request: Any, chosen: Any) -> None:
        allowed = self.movable(chosen).present()
        self.do_each(request, chosen, allowed, **{self.noun: self.verbs.trash})

    @admin.action(description=gettext_lazy("Restore"), permissions=["change"])
    def restore(self, request: Any, chosen: Any) -> None:
        allowed = self.movable(chosen).in_trash()
        self.do_each(request, chosen, allowed, **{self.noun: self.verbs.restore})


class TrashRowForm(RowForm):
    """What is in the trash is only shown in a list; who typed over it meanwhile is told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            key = self.add_prefix(name)
            unsent = field.widget.value_omitted_from_data(self.data, self.files, key)
            field.disabled = bool(self.instance.deleted_at) and unsent

    def clean(self) -> Any:
        if self.instance.deleted_at and self.changed_data:
            self.add_error(self.changed_data[0], _("It is in the trash. Restore it first."))
        return super().clean()


class PageAdmin(TrashAdmin):
    """What has pages: their rule and their forms hold here as well.

    Who may is for their QuerySet to say, not for Django's permissions.
    What is in the trash is not changed, and only what is there is deleted for good.
    The forms take the `user` who fills them in.
    """

    add_form: type[forms.ModelForm]
    kept: tuple[str, ...] = ()  # columns that a form of a row shows and does not write
    row_form = TrashRowForm

    def may(self, user: Any) -> bool:
        rows: Any = self.model._default_manager.all()
        return may(rows, user, "edit")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request.user) and (obj is None or obj.deleted_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request.user) and (obj is None or obj.deleted_at is not None)

    def form_for(self, obj: Any) -> Any:
        return self.form if obj else self.add_form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those of the form for this person, who may see fewer than another."""
        shown = self.form_for(obj)(instance=obj, user=request.user).fields
        return [*shown, *self.get_readonly_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.kept if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, form=self.form_for(obj), **kwargs)
        form.__init__ = partialmethod(form.__init__, user=request.user)
        return form
