"""What a document that is being entered comes to: computed by the service, without being kept, as far as it goes.

A line that cannot be computed yet is left out and told; so is a field of the head that is wrong. Nothing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tracktok.core.errors import DomainError
from tracktok.core.money import round_amount
from tracktok.customers.queries import addresses_of
from tracktok.invoices import services
from tracktok.invoices.models import SalesDocument, SalesLine
from tracktok.invoices.queries.parties import find_company
from tracktok.invoices.services import numbering
from tracktok.web.forms import Form

from .blueprint import Section
from .entering import filled_keys, keys_of, place_errors, read, uuid_of, without_lines

_MOST_TURNS = 8


@dataclass(slots=True)
class Look:
    """What the form shows beside its fields."""

    found: Mapping[str, Any] | None = None
    """The document in the shape of one that is stored."""
    follows: Mapping[str, Any] | None = None
    """The same for what follows the customer and the day: there also before anything is billed."""
    lines: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Each line that could be computed, by its key."""
    nets: dict[str, Decimal] = field(default_factory=dict)
    """What each line comes to before the discount on all of it: quantity x price less its own discount."""
    problems: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field."""
    left_out: list[int] = field(default_factory=list)
    """The numbers of the lines that could not be computed."""
    waiting: str = ""
    """What is missing before anything can be computed."""
    number: str = ""
    addresses: Sequence[Any] = ()

    def problem_of(self, key: str) -> str:
        """What is wrong with a line."""
        return " ".join(text for name, text in self.problems.items() if name.startswith(f"lines-{key}-"))


def look_at(
    section: Section, form: Form[Any], old: SalesDocument | None = None, old_lines: Sequence[SalesLine] = ()
) -> Look:
    """Compute what a form says."""
    look, values = Look(), form.values.copy()
    numbers = {key: at for at, key in enumerate(keys_of(values), 1)}
    customer_id = uuid_of(values.get("customer_id", ""))
    if customer_id is None:
        look.waiting = "Choose a customer to see taxes and totals."
        return look
    look.addresses = addresses_of(customer_id)
    dropped: set[str] = set()
    for _ in range(_MOST_TURNS):
        tried = read(section, without_lines(values, dropped), old, old_lines)
        keys = filled_keys(tried.values)
        if not keys:
            look.waiting = look.waiting or ("" if dropped else "Say what is billed to see taxes and totals.")
            look.follows = _without_lines(section, tried, old)
            break
        if tried.data is not None:
            try:
                look.found = services.preview(section.kind, tried.data, old=old, old_lines=old_lines)
            except DomainError as refusal:
                tried.refuse(refusal)
            else:
                look.lines = dict(zip(keys, look.found["lines"], strict=True))
                look.nets = {key: _net(line, look.found["currency"]) for key, line in look.lines.items()}
                break
        place_errors(tried, keys)
        if tried.general or "customer_id" in tried.errors:
            look.problems[""] = " ".join([*tried.general, *tried.errors.get("customer_id", ())])
            break
        for name, sentences in tried.errors.items():
            look.problems[name] = " ".join(sentences)
            if name.startswith("lines-"):
                dropped.add(name.split("-")[1])
            else:
                values.poplist(name)
    look.follows = look.follows or look.found
    look.left_out = sorted(numbers[key] for key in dropped)
    look.number = _next_number(look.found)
    return look


def _without_lines(section: Section, form: Form[Any], old: SalesDocument | None) -> Mapping[str, Any] | None:
    """What the head alone decides: due date, currency, rate, place of supply."""
    values = form.values.copy()
    for name, text in {"description": "-", "unit_price": "0", "quantity": "1"}.items():
        values[f"lines-0-{name}"] = text
    tried = read(section, values, old)
    if tried.data is None:
        return None
    try:
        return services.preview(section.kind, tried.data, old=old)
    except DomainError:
        return None


def _net(line: Mapping[str, Any], currency: str) -> Decimal:
    gross, percent = Decimal(line["gross_amount"]), Decimal(line["discount_percent"])
    return gross - round_amount(gross * percent / 100, currency) - Decimal(line["discount_amount"])


def _next_number(found: Mapping[str, Any] | None) -> str:
    """The number that the document would get now."""
    if found is None:
        return ""
    try:
        company = find_company(found["company_id"])
        return numbering.preview(company, found["kind"], found["date"]).next_number if company else ""
    except DomainError:
        return ""
