"""The dark theme is other colours and nothing else, so that pages which fit in one theme fit in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).resolve().parents[2] / "tracktok" / "web" / "static" / "css").glob("*.css"))
OF_COLOUR = ("--", "color", "background-color", "border-color", "fill", "stroke", "filter", "color-scheme")
# What is shown in one theme alone, and takes the place of what is shown in the other.
PICTURES = (".tt-when-light", ".tt-when-dark")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_a_theme_is_colours_alone(sheet: Path):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    for selectors, inside in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        themed = [one.strip() for one in selectors.split(",") if re.search(r"dark|prefers-color-scheme", one)]
        if not themed or all(one.endswith(PICTURES) for one in themed):
            continue
        names = [line.partition(":")[0].strip() for line in inside.split(";") if line.strip()]
        assert all(name.startswith(OF_COLOUR) for name in names), f"{selectors.strip()}: {names}"


def test_the_check_itself_sees_a_rule():
    found = re.findall(r"([^{}]+)\{([^{}]*)\}", "".join(one.read_text(encoding="utf-8") for one in SHEETS))
    assert sum("dark" in selectors for selectors, _ in found) >= 4
