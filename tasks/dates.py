"""How people say a due date. Pure: everything comes in as an argument."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class When(StrEnum):
    """Decides the colour of a due date; always beside words that say the same."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True)
class Due:
    """A due date to show: in words, exact for the pointer, for machines, and how urgent."""

    words: str
    exact: str
    iso: str
    when: When


def due_words(day: date, at: time | None, zone: str, *, now: datetime) -> Due:
    """`now` is the viewer's, in their zone; `zone` is the one that `at` was meant in.

    A time in another zone than the viewer's is shown as it was meant, with its place.
    """
    words, exact, iso = said(day, now.date()), date_format(day, "l j F Y"), day.isoformat()
    moment = None
    if at:
        there = ZoneInfo(zone)
        moment = datetime.combine(day, at, there)
        clock = time_format(at, "H:i")
        if moment.utcoffset() != moment.astimezone(now.tzinfo).utcoffset():
            clock = f"{clock} {place_of(zone)}"
        words, exact, iso = f"{words} {clock}", f"{exact}, {clock}", moment.isoformat()
    when = urgency(day, moment, now)
    if when == When.OVERDUE and day >= now.date():
        words = _("%(words)s, overdue") % {"words": words}  # colour alone must not say it
    return Due(words, exact, iso, when)


def urgency(day: date, moment: datetime | None, now: datetime) -> When:
    if moment:
        day = moment.astimezone(now.tzinfo).date()  # its day here, not where it was meant
    if day < now.date() or (moment and moment < now):
        return When.OVERDUE
    if day == now.date():
        return When.TODAY
    return When.SOON if day <= now.date() + timedelta(days=7) else When.LATER


def said(day: date, today: date) -> str:
    """Today, Tomorrow, Yesterday, Friday, Fri 4 Dec, 4 Dec 2031, or 3 days overdue."""
    ahead = (day - today).days
    if ahead in (-1, 0, 1):
        return {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}[ahead]
    if ahead < 0:
        return ngettext("%(days)d day overdue", "%(days)d days overdue", -ahead) % {"days": -ahead}
    if ahead < 7:
        return date_format(day, "l")
    return date_format(day, "D j M" if day.year == today.year else "j M Y")


def place_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
