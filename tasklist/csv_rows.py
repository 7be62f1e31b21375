"""Rows of a CSV file, each written by an action.

django-import-export reads them and compares them with what is there. The preview is the import,
but that it takes back each row as soon as it is written: so what is shown is what happens.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from types import ModuleType
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff, ModelResource
from import_export.results import Result, RowResult
from import_export.widgets import Widget

from ledger.actions.action import action
from ledger.merging import Conflict
from tasklist.forms import Lines, errors_by_field

MOST_ID = 2**63 - 1


class Cell(Widget):
    """A cell is what a form's field takes; what is written so is read as the same."""

    def __init__(self, field: models.Field) -> None:
        super().__init__()
        self.field, self.reader = field, reader_of(field)

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        try:
            return self.reader.clean(value)
        except ValidationError as refusal:
            raise ValueError(" ".join(refusal.messages)) from refusal

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False)
        places = getattr(self.field, "decimal_places", 0)
        return f"{value:.{places}f}" if isinstance(value, Decimal) else str(value)

    def fact(self, value: Any) -> Any:
        """As actions take it: of another row, that row."""
        if self.field.is_relation and value is not None:
            return self.field.related_model(pk=value)  # type: ignore[misc]
        return value


def reader_of(field: models.Field) -> forms.Field:
    if field.is_relation:
        return forms.IntegerField(required=not field.null, min_value=1, max_value=MOST_ID)
    if isinstance(field, models.TextField):
        return field.formfield(form_class=Lines)  # type: ignore[return-value]
    return field.formfield()  # type: ignore[return-value]


class Loader(BaseInstanceLoader):
    """All rows that the file names, by one statement; to be filled in without harm."""

    def __init__(self, resource: "ActionResource", dataset: Any) -> None:
        super().__init__(resource, dataset)
        [self.key] = resource.get_import_id_fields()
        found = resource._meta.model.objects.called(*map(str.strip, dataset[self.key]))
        self.there = {getattr(each, self.key).lower(): each for each in found}

    def get_instance(self, row: Mapping[str, str]) -> models.Model | None:
        return copy.copy(self.there.get(row[self.key].strip().lower()))


class Cells(Diff):
    def as_html(self) -> list[tuple[str, str]]:
        """(before, after) of each cell: the page draws them."""
        return list(zip(self.left, self.right, strict=True))


class ActionResource(ModelResource):
    """Rows of a model that its `verbs` write, as TrashAdmin calls them.

    Its QuerySet finds those `called` by a key, in whatever case, as a file may have it.
    """

    verbs: ModuleType
    noun: str

    class Meta:
        instance_loader_class = Loader
        skip_unchanged = True
        report_skipped = False

    def write(self, row: Any, by: Any, facts: dict[str, Any]) -> None:
        """Add a row with these facts, or write them into `row`."""
        if not row:
            self.verbs.create(by=by, **facts)
            return
        if row.deleted_at:
            [key] = self.get_import_id_fields()
            raise ValidationError({key: _("It is in the trash. Restore it first.")})
        self.verbs.edit(**{self.noun: row}, by=by, version=row.version, **facts)

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        cell = Cell(django_field)
        return Field(attribute=django_field.attname, column_name=field_name, widget=cell)

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Cells

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        """Give a new row an empty cell for each column that must be filled and is not in the file.

        So each is refused by its own name, as an empty cell is.
        """
        for field in self.get_import_fields() if new else ():
            column = field.widget.field
            if not (column.blank or column.has_default()):
                row.setdefault(field.column_name, "")

    def import_field(
        self, field: Field, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any
    ) -> None:
        """A cell that says what is there says nothing, and the key stays as it is."""
        same = row.get(field.column_name) == field.export(instance)
        if not instance.pk or not (same or field.column_name in self.get_import_id_fields()):
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        written = [each for each in self.get_import_fields() if each.column_name in row]
        facts = {
            each.column_name: each.widget.fact(getattr(instance, each.attribute))
            for each in written
        }
        try:
            self.write(None if is_create else instance, kwargs["user"], facts)
        except (Conflict, Http404) as meanwhile:
            raise ValidationError(_("Somebody changed it at this moment.")) from meanwhile

    def import_data(self, dataset: Any, dry_run: bool = False, **kwargs: Any) -> Result:
        """All rows in one transaction; in a preview each in its own.

        What is only looked at holds a lock for as long as one row takes, not as the file does.
        """
        kwargs |= {"preview": dry_run, "use_transactions": not dry_run}
        return super().import_data(dataset, **kwargs)

    def import_row(
        self, row: Any, instance_loader: Any, *, preview: bool = False, **kwargs: Any
    ) -> RowResult:
        do = partial(self.do_row, row, instance_loader, **kwargs)
        return taken_back(do) if preview else do()

    def do_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        """Write the row; a broken rule stands in its result, all else is raised.

        A deadlock or a database that is away is not this row's fault.
        """
        result = super().import_row(row, instance_loader, **kwargs)
        for each in result.errors:
            raise each.error
        return result

    def handle_import_error(self, result: Any, error: Exception, raise_errors: Any = None) -> None:
        raise error

    def after_import(self, dataset: Any, result: Result, **kwargs: Any) -> None:
        """Note what stands in which line, and a digest of what was there before.

        Raises ValidationError where that is not what the preview saw.
        """
        columns = {each.attribute: each.column_name for each in self.get_import_fields()}
        columns |= {each: each for each in self.get_export_headers()}
        for each in result.invalid_rows:
            each.line = dataset.lines[each.number - 1]
            each.reasons = list(reasons(each.error, columns))
        before = [(each.import_type, each.original and each.original.version) for each in result]
        result.seen = hashlib.sha256(repr(before).encode()).hexdigest()
        if not result.invalid_rows and kwargs.get("seen") not in (None, result.seen):
            message = _("Something was changed after the preview. Look at the file once more.")
            raise ValidationError(message)


@action
def taken_back(do: Callable[[], RowResult]) -> RowResult:
    """What it answers, with nothing left of what it wrote."""
    result = do()
    transaction.set_rollback(True)
    return result


def reasons(error: ValidationError, columns: Mapping[Any, str]) -> Iterator[tuple[str, str]]:
    """(column, words); of what is derived from a column only where nothing else is wrong."""
    found = errors_by_field(error)
    named = {name: found[name] for name in found if name in columns}
    for name, each in (named or found).items():
        yield columns.get(name, ""), " ".join(ValidationError(each).messages)
