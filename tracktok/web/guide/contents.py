"""The guide's chapters in their order, and the search over their sections.

A chapter is the template `templates/guide/<slug>.html`; its sections are its `<h2 id="…">`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "templates" / "guide"
_SECTION = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>(.*?)(?=<h2 |\{% endblock)', re.DOTALL)
_MARKUP = re.compile(r"\{[{%].*?[%}]\}|<[^>]+>", re.DOTALL)
MOST_HITS = 20


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the guide."""

    slug: str
    title: str
    about: str
    icon: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a chapter with a heading of its own."""

    chapter: Chapter
    anchor: str
    title: str
    text: str

    @property
    def everything(self) -> str:
        """All that can be searched, in lower case."""
        return f"{self.chapter.title} {self.title} {self.text}".lower()


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("getting-started", "Getting started", "From signing up to the first report", "rocket"),
    Chapter("expenses", "Expenses", "Recording, receipts, filters, bulk changes, the bin", "receipt"),
    Chapter("invoices", "Invoices", "Drafts, numbers, tax, quotes, credit notes, what is due", "file-invoice"),
    Chapter("receipts", "Receipts and statements", "Money that comes in, what it pays, refunds, what is owed", "cash"),
    Chapter("import", "Import", "Bringing in files from banks and spreadsheets", "file-import"),
    Chapter(
        "customers",
        "Customers and billing settings",
        "GSTIN, contacts, tax rates, prices, companies that bill",
        "building-store",
    ),
    Chapter("usage", "Metered usage", "Meters, prices, subscriptions, quotas, bills", "gauge"),
    Chapter(
        "vendors", "Vendors and rate cards", "What vendors are paid, versions in time, incentives", "steering-wheel"
    ),
    Chapter("trips", "Trips and statements", "Importing trips, their prices, statements, vendors' bills", "car"),
    Chapter("budgets", "Budgets", "Limits, alerts, forecast, rollover", "chart-donut-3"),
    Chapter("reports", "Dashboard and reports", "Figures, charts, the monthly report, exports", "report-analytics"),
    Chapter("people", "People and roles", "Inviting, roles, several companies, sign-in", "users"),
    Chapter("settings", "Settings", "Currency, time zone, dates, plan", "settings"),
    Chapter("keyboard", "Keyboard", "Every key, and moving about without a mouse", "keyboard"),
    Chapter("api", "API", "Connecting other software", "api"),
)
BY_SLUG = {chapter.slug: chapter for chapter in CHAPTERS}


@cache
def sections() -> tuple[Section, ...]:
    """Every section of the guide, read from the templates once."""
    found = []
    for chapter in CHAPTERS:
        source = (FOLDER / f"{chapter.slug.replace('-', '_')}.html").read_text(encoding="utf-8")
        for anchor, title, body in _SECTION.findall(source):
            plain = " ".join(_MARKUP.sub(" ", body).split())
            found.append(Section(chapter, anchor, _MARKUP.sub("", title), plain))
    return tuple(found)


def search(text: str) -> list[Section]:
    """The sections that hold every word of the text; those that have it in their title come first."""
    words = text.lower().split()
    hits = [
        one
        for one in sections()
        if all(word in f"{one.chapter.title} {one.title} {one.text}".lower() for word in words)
    ]
    hits.sort(key=lambda one: not any(word in one.title.lower() for word in words))
    return hits[:MOST_HITS]
