"""Both parts of a mail, made of one text: so that they always say the same.

A link of ours that stands alone becomes a button, named by the line above it where that ends
with a colon ("Verify the address:"). A code that stands alone becomes large. Of
links to elsewhere, which somebody may have typed, none is made.
"""

import re
import textwrap
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

CODE = re.compile(r"[A-Z0-9]{3,8}(-[A-Z0-9]{3,8})*")
WIDTH = 76  # columns; RFC 5322, section 2.1.1, asks for no more than 78
SIGNATURE = "\n-- \n"  # RFC 3676, section 4.3
OURS = re.compile(rf"({re.escape(settings.BASE_URL)}/[^\s<>\"]+)")
BUTTON = re.compile(rf"(?:(?P<name>[^\n]+):\n)?(?P<link>{OURS.pattern})")


@dataclass(frozen=True)
class Paragraph:
    """`kind`: link, code, list or words. Each line in parts, of which every second is a link."""

    kind: str
    lines: list[list[str]]
    name: str = ""  # of a link's button


def as_text(text: str) -> str:
    """The same in lines that every mail program shows whole. A link is never broken."""
    return "\n".join(folded(line) for line in text.split("\n"))


def folded(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def as_html(text: str) -> str:
    """The whole mail as an HTML document, in the product's look."""
    said, _, signature = text.rpartition(SIGNATURE) if SIGNATURE in text else (text, "", "")
    paragraphs = [paragraph(part) for part in re.split(r"\n\s*\n", said.strip())]
    return render_to_string("mail/letter.html", {"paragraphs": paragraphs, "end": signature})


def paragraph(text: str) -> Paragraph:
    if button := BUTTON.fullmatch(text.strip()):
        return Paragraph("link", [[button["link"]]], button["name"] or "")
    if CODE.fullmatch(text.strip()):
        return Paragraph("code", [[text.strip()]])
    if all(line.startswith("- ") for line in text.splitlines()):
        return Paragraph("list", [OURS.split(line[2:]) for line in text.splitlines()])
    return Paragraph("words", [OURS.split(" ".join(text.split()))])
