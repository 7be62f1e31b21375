"""CSV into the admin and out of it: every row that comes in is written by an action (csv_rows.py).

django-import-export shows what the file would change, and keeps it until somebody confirms it.
It is no installed app: its commands would write past the actions.
"""

from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.resources import modelresource_factory
from import_export.results import Result
from import_export.tmp_storages import CacheStorage

from ledger.actions.action import action
from ledger.chunks import in_chunks
from ledger.doorway import Via, through
from tasklist.csv_rows import ActionResource
from tasklist.spreadsheets import CSV, sheet

MOST_BYTES = 1_000_000


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


def forget(file: Any) -> None:
    """Keep a file no longer that nobody can confirm, if it was kept at all."""
    if name := getattr(file, "tmp_storage_name", None):
        KeptInCache(name=name).remove()


class CSVAdmin(ImportExportMixin):
    """Beside TrashAdmin, whose actions write each row (csv_rows.py)."""

    csv_columns: tuple[str, ...]  # the first is the key
    skip_admin_log = True
    tmp_storage_class = KeptInCache
    import_form_class = FileForm
    confirm_form_class = ConfirmForm
    import_template_name = "admin/csv_import.html"
    import_export_change_list_template = "admin/csv_change_list.html"

    @cached_property
    def resource_classes(self) -> list[type[ActionResource]]:
        options = {"fields": self.csv_columns, "import_id_fields": self.csv_columns[:1]}
        resource = modelresource_factory(self.model, ActionResource, options)
        resource.verbs, resource.noun = self.verbs, self.noun
        return [resource]

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
        with through(Via.IMPORT):
            response = super().import_action(request, **kwargs)
        if request.method != "POST":
            return response
        result = response.context_data.get("result")
        if result is None or result.has_validation_errors():
            response.status_code = 400
        if response.status_code == 200 and result.rows:
            response.context_data["confirm_form"].initial["seen"] = result.seen
        else:
            forget(request.FILES.get("import_file"))
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
