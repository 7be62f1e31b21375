"""CSV into the admin and out of it: every row that comes in is written by an action.

django-import-export reads the file, shows what would happen, and keeps the file until somebody
confirms it. The first half is the second one, rolled back: so what is shown is what happens.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff, ModelResource
from import_export.results import Result, RowResult
from import_export.tmp_storages import CacheStorage
from import_export.widgets import Widget

from ledger.actions.action import action
from ledger.chunks import in_chunks
from ledger.doorway import Via, through
from ledger.merging import Conflict
from tasklist.forms import errors_by_field
from tasklist.spreadsheets import CSV, sheet

MOST_BYTES = 1_000_000
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
        return field.formfield(strip=False)  # type: ignore[return-value]
    return field.formfield()  # type: ignore[return-value]


class Loader(BaseInstanceLoader):
    """All rows that the file names, by one statement."""

    def __init__(self, resource: "ActionResource", dataset: Any) -> None:
        super().__init__(resource, dataset)
        [self.key] = resource.get_import_id_fields()
        self.there = resource.find([each.strip().lower() for each in dataset[self.key]])

    def get_instance(self, row: Mapping[str, str]) -> models.Model | None:
        return self.there.get(row[self.key].strip().lower())


class Cells(Diff):
    def as_html(self) -> list[tuple[str, str]]:
        """(before, after) of each cell: the page draws them."""
        return list(zip(self.left, self.right, strict=True))


class ActionResource(ModelResource):
    """Rows of a model that is written by actions: `find` and `write` say by which."""

    class Meta:
        instance_loader_class = Loader
        skip_unchanged = True
        report_skipped = False

    def find(self, keys: list[str]) -> Mapping[str, Any]:
        """{key in lower case: row} of those that are there."""
        raise NotImplementedError

    def write(self, row: Any, by: Any, facts: dict[str, Any]) -> None:
        """Add a row with these facts, or write them into `row`."""
        raise NotImplementedError

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        cell = Cell(django_field)
        return Field(attribute=django_field.attname, column_name=field_name, widget=cell)

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Cells

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        """A new row needs the columns that it cannot be without."""
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
        except Conflict as conflict:
            raise ValidationError(_("Somebody changed it at this moment.")) from conflict

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        """What is no broken rule is not this row's fault: a deadlock, the database away."""
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


def reasons(error: ValidationError, columns: Mapping[Any, str]) -> Iterator[tuple[str, str]]:
    """(column, words); of what is derived from a column only where nothing else is wrong."""
    found = errors_by_field(error)
    named = {name: found[name] for name in found if name in columns}
    for name, each in (named or found).items():
        yield columns.get(name, ""), " ".join(ValidationError(each).messages)


class FileForm(ImportForm):
    import_file = forms.FileField(label=gettext_lazy("CSV file"))

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("At most 1 MB at once. Cut the file in pieces."))
        return file


class ConfirmForm(ConfirmImportForm):
    """Which file, and what its preview saw: all else of the library's form is always the same."""

    original_file_name = resource = None
    import_file_name = forms.UUIDField(widget=forms.HiddenInput)
    format = forms.ChoiceField(choices=[("0", "CSV")], widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean_import_file_name(self) -> str:
        return self.cleaned_data["import_file_name"].hex


class KeptInCache(CacheStorage):
    """In production the database's, so that every instance finds the file."""

    CACHE_LIFETIME = 60 * 60  # seconds


class CSVAdmin(ImportExportMixin):
    """Beside ActionAdmin; `resource_classes` names the one ActionResource."""

    skip_admin_log = True
    tmp_storage_class = KeptInCache
    import_form_class = FileForm
    confirm_form_class = ConfirmForm
    import_template_name = "admin/csv_import.html"

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_import_formats(self) -> list[Any]:
        resource = self.resource_classes[0]()
        [key] = resource.get_import_id_fields()
        return [partial(CSV, resource.get_export_headers(), key)]

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        seen = kwargs["form"].cleaned_data.get("seen")
        known = super().get_import_data_kwargs(**kwargs)
        return {**known, "rollback_on_validation_errors": True, "seen": seen}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, ValidationError):
            raise e
        form.add_error("import_file", e)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The preview; 400 with the lines that break a rule."""
        if request.method != "POST":
            return super().import_action(request, **kwargs)
        with through(Via.IMPORT):
            response = action(super().import_action)(request, **kwargs)
        context = response.context_data
        result = context.get("result")
        if result is None or result.has_validation_errors():
            response.status_code = 400
        elif result.rows:
            context["confirm_form"].initial["seen"] = result.seen
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """What was previewed, done as one action; 400 where that cannot be, with nothing done."""
        try:
            with through(Via.IMPORT):
                response = action(super().process_import)(request, **kwargs)
        except ValidationError as refusal:
            return self.refused(request, problems=refusal.messages)
        if "confirm_form" in (getattr(response, "context_data", None) or {}):
            return self.refused(request, problems=[_("Choose the file again.")])
        return response

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_validation_errors():
            return self.refused(request, result=result)
        return super().process_result(result, request)

    def refused(self, request: HttpRequest, **context: Any) -> HttpResponse:
        resources = self.get_import_resource_classes(request)
        context |= self.admin_site.each_context(request)
        context |= {"title": _("Import"), "opts": self.opts}
        context["form"] = self.import_form_class(self.get_import_formats(), resources)
        return TemplateResponse(request, self.import_template_name, context, status=400)

    def export_action(self, request: HttpRequest) -> Any:
        """What the list shows, however many: row by row, as a file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            found = self.get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest from error
        resource = self.resource_classes[0]()
        cells = {each.attribute: each.widget for each in resource.get_export_fields()}
        rows = (
            [cell.render(row[name]) for name, cell in cells.items()]
            for row in in_chunks(found, *cells)
        )
        name = f"{self.opts.model_name}s-{timezone.now():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            sheet(resource.get_export_headers(), rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": content_disposition_header(True, name)},
        )
