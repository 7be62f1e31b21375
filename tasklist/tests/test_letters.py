"""Mails in HTML."""

import pytest

from tasklist.letters import as_html, as_text

pytestmark = pytest.mark.once
LINK = "http://testserver/accounts/password/reset/key/1-abc/"


def test_a_link_of_ours_that_stands_alone_is_a_button_and_can_be_copied():
    page = as_html(f"Hello.\n\n{LINK}\n\n-- \nTasklist · testserver")

    assert page.count(f'href="{LINK}"') == 2
    assert f">{LINK}</a>" in page
    assert "Tasklist · testserver" in page
    assert "-- " not in page.partition("<body")[2]


def test_a_line_above_the_link_that_ends_with_a_colon_names_the_button():
    page = as_html(f"Hello, go on:\n\nSet a new password:\n{LINK}\n\nBye")

    assert f'href="{LINK}"' in page
    assert ">Set a new password</a>" in page
    assert "Continue at" not in page
    assert "Hello, go on:\n" in page


def test_long_lines_are_broken_between_words_and_links_never():
    link = LINK + "x" * 80
    text = (
        f"{'eleven more ' * 9}\n\nSet a new password:\n{link}\n\n- {'item ' * 20}\n\n-- \nTasklist"
    )

    lines = as_text(text).split("\n")

    assert " ".join(lines[:2]) == ("eleven more " * 9).strip()
    assert "Set a new password:\n" + link in "\n".join(lines)
    assert {len(each) > 78 for each in lines if each != link} == {False}
    assert [each[:6] for each in lines[6:8]] == ["- item", "  item"]
    assert lines[-2:] == ["-- ", "Tasklist"]


def test_a_code_that_stands_alone_is_shown_as_one():
    assert ">AB12-CD34</p>" in as_html("Your code:\n\nAB12-CD34\n\nBye")


def test_a_link_within_words_can_be_followed():
    assert f'go to <a class="link" href="{LINK}"' in as_html(f"To confirm this, go to {LINK}")


@pytest.mark.parametrize(
    "typed",
    [
        "<img src=x onerror=alert(1)>",
        '"><script>alert(1)</script>',
        "<b>Ann & Bob</b>",
        "{{ 7|add:7 }}",
    ],
)
def test_what_people_type_is_shown_as_typed(typed):
    page = as_html(f"{typed} has invited you.\n\n- Browser: {typed}")

    assert typed not in page or "<" not in typed
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page


def test_no_link_leads_elsewhere_though_somebody_typed_one():
    page = as_html("Browser: https://evil.example.org/\n\nhttp://testserver.evil.example.org/x")

    assert "href" not in page
