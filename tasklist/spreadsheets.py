"""Files of comma-separated values (RFC 4180), as spreadsheets write and read them."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from types import SimpleNamespace
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.formats import base_formats

MOST_ROWS = 2_000  # of new rows, written one by one, within the time that nginx waits
# What a spreadsheet would calculate, and what looks as if we had disarmed it: taking one
# apostrophe away from either gives back what was there (OWASP, CSV injection).
FORMULA = re.compile(r"'*[=+\-@\t\r]")


def disarmed(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if FORMULA.match(text) else text


def armed(text: str) -> str:
    """What stood there before it was `disarmed`."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def sheet(headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Its lines, with the mark that tells spreadsheets that it is UTF-8."""
    writer = csv.writer(SimpleNamespace(write=lambda line: line))
    yield "\ufeff" + writer.writerow(headings)
    for row in rows:
        yield writer.writerow(map(disarmed, row))


class CSV(base_formats.CSV):
    """Reads files that have only the `columns`, in any order, and each `key` once."""

    def __init__(self, columns: Sequence[str], key: str, encoding: str | None = None) -> None:
        super().__init__(encoding)
        self.columns, self.key = columns, key

    def create_dataset(self, in_stream: bytes | None, **kwargs: Any) -> tablib.Dataset:
        """Its rows; `lines` says in which line of the file each begins, from 1.

        Raises ValidationError with the line that is no such row.
        """
        if in_stream is None:
            raise ValidationError(_("The file is not here any more. Choose it again."))
        headings, rows = parted(in_stream)
        self.check_headings(headings)
        found = tablib.Dataset(headers=headings)
        found.lines = [line for line, _cells in rows]
        for line, cells in rows:
            if len(cells) != len(headings):
                raise ValidationError(
                    _("Line %(line)d has %(count)d cells; the first line has %(headings)d.")
                    % {"line": line, "count": len(cells), "headings": len(headings)}
                )
            found.append([armed(cell) for cell in cells])
        self.check_keys(found)
        return found

    def check_headings(self, headings: list[str]) -> None:
        for each in headings:
            if each not in self.columns:
                known = ", ".join(self.columns)
                message = _("“%(name)s” in line 1 is no column. There are: %(known)s.")
                raise ValidationError(message % {"name": each[:100], "known": known})
            if headings.count(each) > 1:
                message = _("The column “%(name)s” stands in line 1 twice.") % {"name": each}
                raise ValidationError(message)
        if self.key not in headings:
            message = _("A column “%(name)s” is missing in line 1.") % {"name": self.key}
            raise ValidationError(message)

    def check_keys(self, found: tablib.Dataset) -> None:
        first: dict[str, int] = {}
        for line, key in zip(found.lines, found[self.key], strict=True):
            before = first.setdefault(key.strip().lower(), line)
            if before != line:
                facts = {"line": line, "name": self.key, "value": key[:100], "before": before}
                message = _("Line %(line)d: the %(name)s “%(value)s” stands in line %(before)d.")
                raise ValidationError(message % facts)


def parted(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The first line, and (number of the line, cells) of all others that are not empty."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("The file is not in UTF-8. Save it as “CSV UTF-8” and choose it again.")
        raise ValidationError(message) from error
    rows = []
    for row in numbered(text):
        rows.append(row)
        if len(rows) > MOST_ROWS + 1:
            message = _("At most %(count)d rows at once. Cut the file in pieces.")
            raise ValidationError(message % {"count": MOST_ROWS})
    if len(rows) < 2:
        raise ValidationError(_("The file has no rows below its first line."))
    return [each.strip() for each in rows[0][1]], rows[1:]


def numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    reader, line = csv.reader(StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        message = _("Line %(line)d cannot be read as CSV. Look at its quotation marks.")
        raise ValidationError(message % {"line": line}) from error
