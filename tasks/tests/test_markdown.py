from html.parser import HTMLParser

import pytest

from tasks.markdown import rendered


class Tags(HTMLParser):
    """What a browser would make of it."""

    def __init__(self):
        super().__init__()
        self.names, self.attributes, self.addresses = set(), set(), set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value for name, value in attrs if name == "href"}


def test_markdown_becomes_html_with_headings_below_the_pages_own():
    assert rendered("# Plan\n\n- **one**\n- `two`") == (
        "<h2>Plan</h2>\n<ul>\n<li><strong>one</strong></li>\n<li><code>two</code></li>\n</ul>\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://elsewhere.example/pixel.png)",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
        '[x](https://x.example "" onmouseover="alert(1)")',
        "<svg/onload=alert(1)>",
        "<iframe src=//x.example></iframe>",
    ],
)
def test_nothing_in_a_text_runs_or_loads(text):
    found = Tags()
    found.feed(rendered(text))

    assert found.names <= {"p", "a"}
    assert found.attributes <= {"href", "title", "rel"}
    assert all(address.startswith("https:") for address in found.addresses)


def test_a_link_does_not_tell_where_it_stood():
    assert rendered("[x](https://x.example)") == (
        '<p><a href="https://x.example" rel="noopener noreferrer nofollow">x</a></p>\n'
    )


def test_a_text_that_would_take_seconds_is_shown_as_it_is():
    assert rendered("![" * 25_000) == f"<p>{'![' * 25_000}</p>"
    assert rendered("<b>" + "[" * 2_000) == f"<p>&lt;b&gt;{'[' * 2_000}</p>"
