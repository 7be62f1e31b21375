from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tasks.dates import When, due_words, place_of, said, urgency

TUESDAY = date(2026, 12, 1)
BERLIN, NEW_YORK, TOKYO = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
)
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 1), "Today"),
        (date(2026, 12, 2), "Tomorrow"),
        (date(2026, 11, 30), "Yesterday"),
        (date(2026, 11, 29), "2 days overdue"),
        (date(2025, 12, 1), "365 days overdue"),
        (date(2026, 12, 3), "Thursday"),
        (date(2026, 12, 7), "Monday"),
        (date(2026, 12, 8), "Tue 8 Dec"),
        (date(2026, 12, 31), "Thu 31 Dec"),
        (date(2027, 1, 1), "1 Jan 2027"),
        (date(2200, 12, 31), "31 Dec 2200"),
    ],
)
def test_a_day_is_said_as_people_say_it(day, words):
    assert said(day, TUESDAY) == words


def test_the_days_ahead_are_named_over_new_year_too():
    assert said(date(2027, 1, 2), date(2026, 12, 31)) == "Saturday"
    assert said(date(2027, 1, 1), date(2026, 12, 31)) == "Tomorrow"


@pytest.mark.parametrize(
    ("day", "when"),
    [
        (date(2026, 11, 30), When.OVERDUE),
        (date(2026, 12, 1), When.TODAY),
        (date(2026, 12, 2), When.SOON),
        (date(2026, 12, 8), When.SOON),
        (date(2026, 12, 9), When.LATER),
    ],
)
def test_a_day_is_urgent_by_how_far_it_is(day, when):
    assert urgency(day, None, NOON) == when


def test_a_moment_of_today_is_overdue_once_it_has_passed():
    def at(clock):
        return urgency(TUESDAY, datetime.combine(TUESDAY, clock, BERLIN), NOON)

    assert (at(time(11, 59)), at(time(12, 0)), at(time(23, 59))) == (
        When.OVERDUE,
        When.TODAY,
        When.TODAY,
    )


def test_a_day_without_a_time():
    due = due_words(TUESDAY, None, "", now=NOON)
    assert (due.words, due.exact) == ("Today", "Tuesday 1 December 2026")
    assert (due.iso, due.when) == ("2026-12-01", When.TODAY)


def test_a_time_in_the_viewers_zone_goes_without_a_place():
    due = due_words(TUESDAY, time(15, 30), "Europe/Berlin", now=NOON)
    assert (due.words, due.exact) == ("Today 15:30", "Tuesday 1 December 2026, 15:30")
    assert (due.iso, due.when) == ("2026-12-01T15:30:00+01:00", When.TODAY)


def test_midnight_is_a_time():
    due = due_words(TUESDAY, time(0, 0), "Europe/Berlin", now=NOON)
    assert (due.words, due.when) == ("Today 00:00, overdue", When.OVERDUE)


def test_a_zone_with_the_same_clock_goes_without_a_place():
    assert due_words(TUESDAY, time(9), "Europe/Paris", now=NOON).words == "Today 09:00, overdue"


def test_a_time_of_another_zone_is_said_as_meant_with_its_place():
    due = due_words(TUESDAY, time(9), "America/New_York", now=NOON)
    assert (due.words, due.when) == ("Today 09:00 New York", When.TODAY)
    assert due.iso == "2026-12-01T09:00:00-05:00"
    assert due_words(TUESDAY, time(19), "Asia/Tokyo", now=NOON).when == When.OVERDUE


def test_whether_clocks_differ_is_asked_of_that_day_not_of_today():
    summer = date(2026, 7, 1)
    assert due_words(summer, time(9), "Africa/Algiers", now=NOON).words.endswith("09:00 Algiers")
    assert due_words(TUESDAY, time(9), "Africa/Algiers", now=NOON).words == "Today 09:00, overdue"


def test_what_is_still_to_come_is_not_overdue_though_its_date_here_is_past():
    now = datetime(2026, 12, 2, 8, 0, tzinfo=TOKYO)
    due = due_words(TUESDAY, time(23), "America/New_York", now=now)  # 13:00 in Tokyo
    assert (due.words, due.when) == ("Yesterday 23:00 New York", When.TODAY)


def test_what_is_over_is_overdue_though_its_date_here_is_to_come():
    now = datetime(2026, 11, 30, 12, 0, tzinfo=NEW_YORK)
    due = due_words(TUESDAY, time(1), "Asia/Tokyo", now=now)  # an hour ago
    assert due.when == When.OVERDUE


def test_a_moment_of_tonight_here_is_today_though_its_date_is_tomorrow():
    now = datetime(2026, 11, 30, 8, 0, tzinfo=NEW_YORK)
    assert due_words(TUESDAY, time(9), "Asia/Tokyo", now=now).when == When.TODAY


def test_today_is_the_viewers():
    moment = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
    there = due_words(TUESDAY, None, "", now=moment.astimezone(TOKYO))
    assert (there.words, there.when) == ("Yesterday", When.OVERDUE)
    assert due_words(TUESDAY, None, "", now=moment.astimezone(NEW_YORK)).words == "Today"


@pytest.mark.parametrize(
    ("day", "clock", "iso"),
    [
        (date(2026, 3, 28), time(9), "2026-03-28T09:00:00+01:00"),
        (date(2026, 3, 29), time(9), "2026-03-29T09:00:00+02:00"),
        (date(2026, 10, 25), time(9), "2026-10-25T09:00:00+01:00"),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
    ],
)
def test_nine_in_the_morning_stays_nine_over_daylight_saving(day, clock, iso):
    due = due_words(day, clock, "Europe/Berlin", now=NOON)
    assert due.iso == iso


def test_a_time_that_daylight_saving_skips_can_still_be_said():
    now = datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN)
    due = due_words(date(2026, 3, 29), time(2, 30), "Europe/Berlin", now=now)
    assert (due.words, due.when) == ("Today 02:30, overdue", When.OVERDUE)


def test_the_ends_of_what_can_be_due_can_be_said():
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        for day in (date(1970, 1, 1), date(2200, 12, 31)):
            assert due_words(day, time(23, 59), zone, now=NOON).iso.startswith(day.isoformat())


def test_a_place_is_the_last_part_of_its_zone():
    assert place_of("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert place_of("UTC") == "UTC"
