"""How every form of the product is drawn, and what it says when an action refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting

from ledger.merging import Conflict


class Renderer(TemplatesSetting):
    """Label, help, error and field in one place: `templates/components/field.html`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


@contextmanager
def rules_shown_on(form: Any) -> Iterator[None]:
    """A rule broken inside an action lands on the form, at its field where it has one.

    So does a conflict with what somebody else wrote meanwhile, if the form can `show` it.
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
