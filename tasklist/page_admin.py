"""The admin of what has pages of its own: their rule and their forms hold here as well."""

from functools import partialmethod
from typing import Any

from django import forms
from django.http import HttpRequest

from tasklist.admin import ActionAdmin


class PageAdmin(ActionAdmin):
    """Who may is for `may` to say, not for Django's permissions.

    What is in the trash is not changed, and only what is there is deleted for good.
    The forms take the `user` who fills them in.
    """

    add_form: type[forms.ModelForm]
    kept: tuple[str, ...] = ()  # columns that a form of a row shows and does not write
    exclude = ("version",)  # the column: the form has a field of its own

    def may(self, user: Any) -> bool:
        raise NotImplementedError

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
