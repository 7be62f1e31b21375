"""How every form of the product is drawn, and what it says when an action refuses."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from ledger.merging import Conflict


class Renderer(TemplatesSetting):
    """Label, help, error and field in one place: `templates/components/field.html`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


@contextmanager
def rules_shown_on(form: Any) -> Iterator[None]:
    """A rule broken inside an action lands on the form, at its field where it has one.

    So does a conflict with what somebody else wrote meanwhile, on a form that can `show` one:
    a form of an action that takes a `version` is a VersionedForm.
    """
    try:
        yield
    except ValidationError as error:
        for field, messages in errors_by_field(error).items():
            form.add_error(field if field in form.fields else None, messages)
    except Conflict as conflict:
        form.show(conflict)


def errors_by_field(error: ValidationError) -> dict[str | None, list[ValidationError]]:
    return getattr(error, "error_dict", None) or {None: error.error_list}


class Lines(forms.CharField):
    """Text of several lines, with the spaces it starts with: they mean code in Markdown.

    Browsers send CR LF, old files have CR alone: we keep LF.
    """

    widget = forms.Textarea(attrs={"rows": 8})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class Counted(forms.MultiWidget):
    """A number to type over, and beside it, unseen, what it was."""

    def __init__(self) -> None:
        super().__init__({"": forms.NumberInput, "was": forms.HiddenInput})

    def decompress(self, value: int | None) -> list[int | None]:
        return [value, value]


class Difference(forms.MultiValueField):
    """By how much somebody raised or lowered a number; others may have done so meanwhile."""

    widget = Counted

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        number = forms.IntegerField(min_value=min_value, max_value=max_value)
        super().__init__([number, number], **kwargs)

    def compress(self, data_list: list[int]) -> int:
        now, was = data_list
        return now - was

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Against what the page showed, not what is there now."""
        return not self.disabled and data[0] != data[1]


class VerbForm(forms.Form):
    """A form of one verb: what is typed is what the action takes."""

    saves_nothing = True  # components/form_errors.html

    def arguments(self) -> dict[str, Any]:
        return self.cleaned_data


class VersionedForm(forms.Form):
    """A form that knows which version of a thing it was filled from, or that it is new."""

    version = forms.IntegerField(label="", required=False, widget=forms.HiddenInput)
    submission = forms.UUIDField(label="", required=False, widget=forms.HiddenInput)

    not_facts: tuple[str, ...] = ("version", "submission")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("submission", uuid.uuid4())
        self.conflict: Conflict | None = None

    @property
    def http_status(self) -> int:
        """Of the answer that shows the form (again): a conflict, mistakes in it, or neither."""
        return 409 if self.conflict else 422 if self.errors else 200

    def version_read(self) -> int:
        """The version that the form was filled from; 0, which never was, if it does not say."""
        return self.cleaned_data["version"] or 0

    def arguments(self) -> dict[str, Any]:
        """What the action takes: the facts, and the version that they were typed over.

        Of something new there is no version; that the same form makes it once, it is numbered.
        """
        if "version" in self.initial:
            return self.facts() | {"version": self.version_read()}
        return self.facts() | {"submission": self.cleaned_data["submission"]}

    def facts(self) -> dict[str, Any]:
        """What was typed, as the action takes it; what the form did not send is left out."""
        sent = (name for name in self.fields if not self.left_out(name))
        return {name: self.cleaned_data[name] for name in sent if name not in self.not_facts}

    def left_out(self, name: str) -> bool:
        """Whether the form did not send it. A box that is not ticked is sent as False."""
        widget = self.fields[name].widget
        return widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))

    def show(self, conflict: Conflict) -> None:
        """Both texts at each field that collides; everywhere else what will be kept."""
        self.conflict = conflict
        known = {name: conflict.merged[name] for name in conflict.merged if name in self.fields}
        merged = {"version": conflict.version, **known}
        typed = {self.add_prefix(name): self.as_typed(name, merged[name]) for name in merged}
        self.data = {name: self.data[name] for name in self.data} | typed
        for name in conflict.fields.keys() & known.keys():
            theirs = conflict.fields[name]
            there = self.as_said(name, theirs) or _("(empty)")
            words = _("Changed meanwhile. It is now: %(theirs)s") % {"theirs": there}
            self.add_error(name, ValidationError(words, code="conflict"))

    def as_typed(self, name: str, value: Any) -> Any:
        value = self.fields[name].prepare_value(value)
        return "" if value is None else value

    def as_said(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.fields[name], "choices", ()))
        by_text = {str(key): words for key, words in choices.items()}
        return str(by_text.get(str(value), self.as_typed(name, value)))


class ActionForm(forms.ModelForm):
    """A form that fills nothing into the row: what may stand in it is the action's to say."""

    refusal: ValidationError | Conflict | None = None

    def _post_clean(self) -> None:
        if self.refusal:
            with rules_shown_on(self):
                raise self.refusal


class MergingForm(VersionedForm, ActionForm):
    """Carries the version that it was filled from, so that nobody overwrites anybody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version

    def as_said(self, name: str, value: Any) -> str:
        """A person by name, without a list of everybody."""
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            return str(field.queryset.filter(pk=value).first() or "")  # type: ignore[union-attr]
        return super().as_said(name, value)
