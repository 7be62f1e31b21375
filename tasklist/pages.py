"""What the pages of everything that has pages do alike: forms that are saved, and buttons."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_http_methods

from ledger.access import fetch
from ledger.actions import undoing
from tasklist.forms import rules_shown_on
from tasklist.messages import report, rules_reported
from tasklist.redirects import back

shows_a_form = require_http_methods(["GET", "HEAD", "POST"])


def saved(request: HttpRequest, form: Any, write: Callable[..., Any], words: Any = "") -> Any:
    """What the action `write` made of a valid form, reported in `words`, which name its facts.

    None where the form has to be shown (again): it is new, has mistakes, or was refused.
    """
    if form.is_valid():
        with rules_shown_on(form):
            row = write(by=request.user, **form.arguments())
            if words:
                report(request, words % words_for(row))
            return row
    return None


def form_page(
    request: HttpRequest,
    form: Any,
    write: Callable[..., Any],
    words: Any = "",
    *,
    template: str,
    **context: Any,
) -> HttpResponse:
    """A page with a form; filled in well it is `saved`, and leads to the page of what it made."""
    if row := saved(request, form, write, words):
        return back(request, undoing.pages(row)[0])
    return render(request, template, {"form": form, **context}, status=form.http_status)


def words_for(row: Any) -> dict[str, Any]:
    """What words about a row may name: its `%(name)s`, and each of its fields."""
    return {"name": row, **row.facts()}


class Button(View):
    """Does one thing to one row, says so, and goes back to where the button was.

    `rows` are those to look among, `ability` is what it takes, and the action `verb` calls
    the row by `noun`. `words` may name its facts; without any it works in silence.
    Where the form does not say where to go back to, that is `otherwise`; without one it is
    the row's page, or in the trash what lies above it.
    """

    http_method_names = ["post"]

    rows: Any = None
    only: dict[str, Any] = {}  # what else has to hold for the row
    ability = "edit"
    verb: Any = None
    noun = ""
    words: Any = ""
    for_good = False
    otherwise = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = fetch(self.rows(), request.user, self.ability, pk=pk, **self.only)
        with rules_reported(request):
            row = self.verb(**{self.noun: row}, by=request.user) or row
            if self.words:
                report(request, self.words % words_for(row), for_good=self.for_good)
        page, above = undoing.pages(row)
        if row.deleted_at:
            return back(request, self.otherwise or above, gone=page)
        return back(request, self.otherwise or page)


class Trash(Button):
    words = _("“%(name)s” is in the trash.")


class Restore(Button):
    words = _("“%(name)s” is back.")


class Delete(Button):
    """For good, and only out of the trash: the one step that nothing takes back."""

    words = _("“%(name)s” is deleted for good.")
    for_good = True
