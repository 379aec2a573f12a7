"""Numbers: the next one of a series, taken under its row's lock; patterns and how they are changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.driver import run
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Company
from tracktok.customers.services.refusals import judged_by
from tracktok.invoices.models import NumberPattern
from tracktok.invoices.queries import numbers as queries
from tracktok.invoices.rules import numbering as rules

# The row is locked from here to the end of the transaction: whoever takes the next number waits, and sees ours or, when
# ours is rolled back, takes it.
_NEXT = """
INSERT INTO number_series AS s (tenant_id, company_id, kind, fiscal_year, last_value)
VALUES (%(tenant)s, %(company)s, %(kind)s, %(year)s, 1)
ON CONFLICT (tenant_id, company_id, kind, fiscal_year) DO UPDATE SET last_value = s.last_value + 1
RETURNING last_value, (SELECT p.pattern FROM number_patterns p
                        WHERE p.tenant_id = s.tenant_id AND p.company_id = s.company_id AND p.kind = s.kind)
"""


_UNIQUE = ("uq_sales_documents_number", "uq_customer_receipts_number")


class SeriesEnded(Conflict):
    code, title = "series_ended", "This series of numbers is used up"


class NumberTaken(Conflict):
    code, title = "number_taken", "This number is taken already"


class PatternCollides(Conflict):
    code, title = "pattern_collides", "This pattern would give numbers that another has"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was taken."""

    text: str
    sequence: int
    fiscal_year: date


@contextmanager
def taking_number(kind: str) -> Iterator[Callable[[Company, date], Number]]:
    """Write a row that gets a number inside. Gives what takes it: the next of a company in the fiscal year of a day.

    `kind`: of a document, or `receipt`. Gapless: what is refused inside gives its number back. Raises SeriesEnded (409)
    when the pattern has no more, NumberTaken (409) when a document or receipt has the number already, by an import.
    The unique index says so, whatever the case of the letters. To ask before would read all of a fiscal year: under
    row-level security an index on `upper(...)` serves the judgement, but no question.
    """
    taken: list[str] = []

    def take(company: Company, day: date) -> Number:
        number = _next_number(company, kind, day)
        taken.append(number.text)
        return number

    def refusal() -> NumberTaken:
        numbers = ", ".join(taken)
        return NumberTaken(
            f"There is a document {numbers} already. Give {label(kind)} another pattern under Settings > Numbers."
        )

    with judged_by(dict.fromkeys(_UNIQUE, refusal)):
        yield take


def _next_number(company: Company, kind: str, day: date) -> Number:
    year = rules.fiscal_year(day, preferences().fiscal_year_start_month)
    values = {"tenant": current_tenant_id(), "company": company.id, "kind": kind, "year": year.start}
    ((sequence, own),) = run(_NEXT, values)
    pattern = own or rules.default_pattern(kind, gst=keeps_gst(company))
    return Number(render(company, kind, pattern, sequence, day), sequence, year.start)


def render(company: Company, kind: str, pattern: str, sequence: int, day: date) -> str:
    """The number of a sequence. Raises SeriesEnded."""
    gst = keeps_gst(company)
    year = rules.fiscal_year(day, preferences().fiscal_year_start_month)
    try:
        text = rules.render_number(pattern, sequence, year, day, org_of(company), gst=gst)
    except rules.SeriesFull as ended:
        raise SeriesEnded(
            f"The series of {label(kind)} has reached its last number. Begin a new one: change the pattern under"
            " Settings > Numbers, for example with another first letter."
        ) from ended
    if gst and (problem := rules.number_problem(text, gst=True)):
        raise SeriesEnded(f"The pattern gives {text}. {problem} Change it under Settings > Numbers.")
    return text


def pattern_of(company: Company, kind: str) -> str:
    """The pattern of a company's documents of a kind: its own, or the default."""
    found = queries.find_pattern(company.id, kind)
    return found.pattern if found else rules.default_pattern(kind, gst=keeps_gst(company))


def keeps_gst(company: Company) -> bool:
    """Whether the numbers of a company keep to Rule 46(b)."""
    return company.tax_regime == "gst"


def org_of(company: Company) -> str:
    """The short code in numbers."""
    return company.org_code or rules.org_code(company.legal_name)


def label(kind: str) -> str:
    """A kind of document in words, in the plural."""
    return f"{kind.replace('_', ' ')}s"


@dataclass(frozen=True, slots=True)
class Preview:
    """A pattern with the number that it would give next."""

    company_id: UUID
    kind: str
    pattern: str
    is_default: bool
    next_number: str
    next_sequence: int
    fiscal_year: str
    remark: str
    version: int


def preview(company: Company, kind: str, day: date, pattern: str | None = None) -> Preview:
    """What a company's next document of a kind would be numbered. Raises Invalid at `pattern`, SeriesEnded."""
    own = queries.find_pattern(company.id, kind)
    wanted = pattern if pattern is not None else pattern_of(company, kind)
    if problem := rules.pattern_problem(wanted, gst=keeps_gst(company), org=org_of(company)):
        raise Invalid.at("pattern", problem)
    year = rules.fiscal_year(day, preferences().fiscal_year_start_month)
    sequence = queries.last_value(company.id, kind, year.start) + 1
    return Preview(
        company_id=company.id,
        kind=kind,
        pattern=wanted,
        is_default=own is None,
        next_number=render(company, kind, wanted, sequence, day),
        next_sequence=sequence,
        fiscal_year=year.label,
        remark=rules.pattern_warning(wanted) or "",
        version=own.version if own else 0,
    )


def change_pattern(company: Company, kind: str, pattern: str, day: date) -> Preview:
    """Give a company's documents of a kind a pattern; the count goes on.

    Raises Invalid at `pattern`, PatternCollides when another kind has the same or the next number is taken.
    """
    found = preview(company, kind, day, pattern)
    for other in rules.DOCUMENT_PREFIXES:
        # Receipts are numbered apart: no sales document has to differ from them.
        if other == kind or "receipt" in {other, kind}:
            continue
        theirs = pattern_of(company, other)
        if _shape(theirs, company, day) == _shape(pattern, company, day):
            raise _collides(f"{label(other).capitalize()} have the same pattern; two would share a number.")
    year = rules.fiscal_year(day, preferences().fiscal_year_start_month)
    if queries.is_taken(company.id, year.start, found.next_number, receipts=kind == "receipt"):
        raise _collides(f"There is a document {found.next_number} already; choose another pattern.")
    own = queries.find_pattern(company.id, kind, for_update=True)
    if own is None:
        own = NumberPattern(id=new_id(), company_id=company.id, kind=kind, pattern=pattern)
        db.session.add(own)
    else:
        own.pattern = pattern
    db.session.flush()
    return preview(company, kind, day)


def _shape(pattern: str, company: Company, day: date) -> str:
    """A pattern as its numbers look on a day, whatever the width of the number."""
    year = rules.fiscal_year(day, preferences().fiscal_year_start_month)
    narrow = re.sub(r"\{#+\}", "{#}", pattern)
    return rules.number_key(rules.render_number(narrow, 1, year, day, org_of(company)))


def _collides(detail: str) -> PatternCollides:
    return PatternCollides(detail, errors=[FieldError("/pattern", PatternCollides.code, detail)])
