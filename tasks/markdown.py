"""Markdown of descriptions as harmless HTML."""

from functools import cache

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

COSTLY = 1_500  # opening brackets and table cells; measured: 1,500 take 0.09 s, 25,000 take 3 s
# No images: they would be requests to anywhere, which the Content-Security-Policy stops.
TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def rendered(text: str) -> SafeString:
    """HTML made of TAGS alone; links leave without telling from where."""
    if is_costly(text):
        return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308  it escapes
    html = parser().render(text)
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  nh3 has just made it safe


def is_costly(text: str) -> bool:
    """So many opening brackets or table cells take seconds: such a text is shown as it is."""
    return text.count("[") + text.count("|") > COSTLY


@cache
def parser() -> MarkdownIt:
    found = MarkdownIt("js-default", {"html": False, "breaks": True, "linkify": False})
    found.core.ruler.push("lower_headings", lower_headings)
    return found


def lower_headings(state: StateCore) -> None:
    """A page has one h1, its own: those of a text stand below it."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
