"""The promise of the stylesheet's first lines: who can read a page can read all of it.

Colours are OKLCH; contrast is that of WCAG 2.2, from the sRGB colours that a screen shows.
"""

import math
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

STYLESHEET = Path(__file__).resolve().parent.parent / "static" / "css" / "app.css"
PAIR = re.compile(r"^  --([a-z-]+): light-dark\((oklch\([^)]+\)), (oklch\([^)]+\))\);", re.M)
SINGLE = re.compile(r"^  --([a-z-]+): (oklch\([^)]+\));", re.M)
OKLCH = re.compile(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)")

PAPERS = ("surface", "surface-raised", "surface-sunken")
SIGNALS = ("accent", "danger", "warning", "success", "info")
# What stands on what, and with how much contrast at least.
READABLE = [
    *(("text", paper, 7.0) for paper in (*PAPERS, "surface-hover", "accent-soft", "danger-soft")),
    *(("text-quiet", paper, 4.5) for paper in (*PAPERS, "surface-hover", "accent-soft")),
    *((signal, paper, 4.5) for signal in SIGNALS for paper in PAPERS),
    ("danger", "danger-soft", 4.5),
    ("accent-text", "accent", 4.5),
    ("accent", "accent-soft", 4.5),
    *(("line-strong", paper, 3.0) for paper in ("surface", "surface-raised")),
    *(("accent", paper, 3.0) for paper in PAPERS),
    ("floating-text", "floating", 4.5),
    ("floating-accent", "floating", 4.5),
]


def tokens(scheme):
    """Every colour of the stylesheet's tokens in this scheme, as linear sRGB."""
    text = STYLESHEET.read_text()
    pairs = {name: (light, dark) for name, light, dark in PAIR.findall(text)}
    pairs |= {name: (both, both) for name, both in SINGLE.findall(text)}
    return {name: linear_rgb(pair[scheme == "dark"]) for name, pair in pairs.items()}


def linear_rgb(oklch):
    """https://www.w3.org/TR/css-color-4/#color-conversion-code, clipped as screens do."""
    lightness, chroma, hue = map(float, OKLCH.fullmatch(oklch).groups())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return [
        min(max(value, 0.0), 1.0)
        for value in (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )
    ]


def contrast(one, other):
    weights = (0.2126, 0.7152, 0.0722)
    dark, light = sorted(
        sum(w * part for w, part in zip(weights, colour, strict=True)) for colour in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper", "least"), READABLE)
def test_what_stands_on_a_page_can_be_read(scheme, ink, paper, least):
    colours = tokens(scheme)
    assert contrast(colours[ink], colours[paper]) >= least


def test_contrast_is_what_wcag_says_it_is():
    black, white, grey = "oklch(0 0 0)", "oklch(1 0 0)", "oklch(0.5 0 0)"
    assert contrast(linear_rgb(black), linear_rgb(white)) == pytest.approx(21, abs=0.01)
    assert contrast(linear_rgb(grey), linear_rgb(white)) == pytest.approx(6.0, abs=0.01)
    assert linear_rgb("oklch(0.627955 0.257683 29.2339)") == pytest.approx([1, 0, 0], abs=0.001)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_the_tokens_was_read(scheme):
    """A token in another notation would escape the checks above."""
    names = re.findall(r"^  --([a-z-]+): (?:light-dark\(|oklch\()", STYLESHEET.read_text(), re.M)
    assert set(tokens(scheme)) == set(names)
