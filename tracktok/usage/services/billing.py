"""Bills of periods: opened once, changed by late usage while they are open, adjusted by the next bill when closed.

What an invoice is made of is here; the invoice itself is drafted by the area above, which calls `open_next`,
`refresh` and `close` in its own transaction and tells back, by `note_document`, where the lines stand.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.models import UsageBill, UsageCharge, UsageSubscription
from tracktok.usage.queries import subscriptions as queries
from tracktok.usage.queries.rating import RatedPeriod, Terms, rate_period
from tracktok.usage.rules.periods import Span
from tracktok.usage.rules.pricing import Part
from tracktok.web.filters import format_day

from .subscriptions import move_on, span_to_bill

ZERO = Decimal(0)
_SETTLED = {"commitment": "Up to the commitment", "cap": "Down to the cap"}


class NoPrice(Conflict):
    code, title = "no_price", "A meter has no price"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it should be, before it is kept."""

    kind: str
    meter_id: UUID | None
    about_id: UUID
    description: str
    quantity: Decimal
    unit: str
    exact_amount: Decimal
    amount: Decimal
    breakdown: list[dict[str, Any]]


def open_next(subscription: UsageSubscription, now: datetime) -> UsageBill | None:
    """Bill the next period of a subscription, locked by the caller, if it has ended; None when there is none to bill.

    Once for each subscription and period, whoever else tries: the unique key is the judge. Raises NoPrice (409).
    """
    if subscription.next_bill_at is None or subscription.next_bill_at > now:
        return None
    span = span_to_bill(subscription)
    if span is None:
        return None
    terms = Terms.of(subscription, queries.meters_of([subscription.id])[subscription.id])
    rated = rate_period(terms, span)
    if rated.problem:
        raise NoPrice(rated.problem)
    days = rated.bounds.days
    bill_id = db.session.execute(
        insert(UsageBill)
        .values(
            tenant_id=current_tenant_id(), id=new_id(), subscription_id=subscription.id,
            customer_id=subscription.customer_id, period_start=days.start, period_end=days.end,
            currency=subscription.currency, amount=ZERO, terms=terms.as_json(),
            close_at=rated.bounds.end + timedelta(hours=subscription.grace_hours),
        )
        .on_conflict_do_nothing()
        .returning(UsageBill.id)
    ).scalar_one_or_none()  # fmt: skip
    move_on(subscription, span)
    db.session.flush()
    if bill_id is None:
        return None
    bill = queries.get_bill(bill_id)
    _keep(bill, _affordable(bill.id, [*_lines_of(bill, rated), *_adjustments(bill)]))
    return bill


def preview_next(subscription: Any) -> tuple[Span, RatedPeriod] | None:
    """What the next bill of a subscription would be; writes nothing."""
    span = span_to_bill(subscription)
    if span is None:
        return None
    terms = Terms.of(subscription, queries.meters_of([subscription.id])[subscription.id])
    return span, rate_period(terms, span)


def refresh(bill: UsageBill) -> bool:
    """Reckon an open bill, locked by the caller, anew; returns whether late usage has changed it."""
    wanted = _affordable(bill.id, [*_lines_of(bill, _rate(bill)), *_adjustments(bill)])
    kept = queries.charges_of(bill.id)
    if [_same(one) for one in kept] == [_same(one) for one in wanted]:
        return False
    _keep(bill, wanted)
    return True


def close(bill: UsageBill) -> None:
    """No later usage changes this bill: the next one adjusts it."""
    bill.status = "closed"
    db.session.flush()


def note_document(bill: UsageBill, document_id: UUID | None) -> None:
    """Which invoice the lines of a bill stand on."""
    bill.document_id = document_id
    db.session.flush()


def _same(one: Any) -> tuple[Any, ...]:
    return one.kind, one.meter_id, one.about_id, one.quantity, one.amount, one.description


def _rate(bill: UsageBill) -> RatedPeriod:
    """The period of a bill as usage is known now, by the terms that it was billed by."""
    terms = Terms.from_json(bill.terms)
    subscription = queries.subscription_row(bill.subscription_id)
    return rate_period(terms, queries.span_at(subscription, bill.period_start))


def _lines_of(bill: UsageBill, rated: RatedPeriod) -> list[Line]:
    days = rated.bounds.days
    span = f"{format_day(days.start)} to {format_day(days.last)}"
    lines = []
    for one in rated.meters:
        charge = one.charge
        if charge is None or not (charge.parts or one.usage.units):
            continue
        amount = round_amount(charge.amount, bill.currency)
        lines.append(
            Line("usage", one.meter.id, bill.id, f"{one.meter.name}, {span}", one.usage.units, one.meter.unit,
                 charge.amount, amount, [_part(part) for part in charge.parts])
        )  # fmt: skip
    return lines + [
        Line(one.kind, None, bill.id, f"{_SETTLED[one.kind]}, {span}", Decimal(1), "", one.amount, one.amount, [])
        for one in rated.settled
    ]


def _adjustments(bill: UsageBill) -> list[Line]:
    """What usage that came late adds to periods of the subscription that are closed."""
    lines: list[Line] = []
    for earlier in queries.closed_bills(bill.subscription_id):
        if earlier.period_start >= bill.period_start:
            continue
        rated = _rate(earlier)
        if rated.problem:
            continue
        wanted = {(one.kind, one.meter_id): one for one in _lines_of(earlier, rated)}
        charged = _charged_before(earlier.id, bill.id)
        for key in sorted(wanted.keys() | charged.keys(), key=str):
            line, before = wanted.get(key), charged.get(key, (ZERO, ZERO))
            amount = (line.amount if line else ZERO) - before[0]
            quantity = (line.quantity if line else ZERO) - before[1]
            if not amount:
                continue
            name = line.description if line else f"{_SETTLED.get(key[0], 'Usage')}, {format_day(earlier.period_start)}"
            moved = [{"label": "Reckoned anew", "amount": _text(line.amount if line else ZERO)},
                     {"label": "Billed before", "amount": _text(-before[0])}]  # fmt: skip
            lines.append(
                Line(key[0], key[1], earlier.id, f"Adjustment: {name}", quantity, line.unit if line else "", amount,
                     amount, moved)
            )  # fmt: skip
    return lines


def _charged_before(about_id: UUID, but_for: UUID) -> dict[tuple[str, UUID | None], tuple[Decimal, Decimal]]:
    """What was charged for a period so far, but for one bill's lines, which are reckoned anew."""
    found = {key: (row.amount, row.quantity) for key, row in queries.charged_about(about_id).items()}
    for one in queries.charges_of(but_for):
        if one.about_id == about_id:
            key = (one.kind, one.meter_id)
            found[key] = (found[key][0] - one.amount, found[key][1] - one.quantity)
    return found


def _affordable(bill_id: UUID, lines: list[Line]) -> list[Line]:
    """The lines without those that would bill somebody less than nothing: they wait for the next bill.

    What adjusts one closed period stands or waits together. Of the periods that take something back, those that take
    the most wait first, until what is left is nothing or more.
    """
    total, groups = ZERO, defaultdict[UUID, Decimal](Decimal)
    for one in lines:
        total += one.amount
        if one.about_id != bill_id:
            groups[one.about_id] += one.amount
    waiting: set[UUID] = set()
    for about_id, amount in sorted(groups.items(), key=lambda group: (group[1], group[0])):
        if total >= 0 or amount >= 0:
            break
        waiting.add(about_id)
        total -= amount
    return [one for one in lines if one.about_id not in waiting]


def _keep(bill: UsageBill, lines: list[Line]) -> None:
    """Write a bill's lines in place of those that it had."""
    db.session.execute(delete(UsageCharge).where(UsageCharge.bill_id == bill.id))
    for position, one in enumerate(lines):
        db.session.add(
            UsageCharge(
                id=new_id(), bill_id=bill.id, about_id=one.about_id, kind=one.kind, meter_id=one.meter_id,
                position=position, description=one.description, quantity=one.quantity, unit=one.unit,
                exact_amount=one.exact_amount, amount=one.amount, breakdown=one.breakdown,
            )
        )  # fmt: skip
    bill.amount = sum((one.amount for one in lines), ZERO)
    db.session.flush()


def _part(part: Part) -> dict[str, Any]:
    return {
        "label": part.label,
        "quantity": None if part.quantity is None else _text(part.quantity),
        "unit_price": None if part.unit_price is None else _text(part.unit_price),
        "per": part.per,
        "amount": _text(part.amount),
    }


def _text(value: Decimal) -> str:
    said = format(value, "f")
    return said.rstrip("0").rstrip(".") or "0" if "." in said else said
