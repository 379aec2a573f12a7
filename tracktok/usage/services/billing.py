"""Bills of periods: opened once, changed by late usage while they are open, adjusted by the next bill when closed.

What an invoice is made of is here; the invoice itself is drafted by the area above, which calls `open_next`,
`refresh` and `close` in its own transaction and tells back, by `note_document`, where the lines stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import Conflict
from tracktok.core.ids import new_id
from tracktok.core.money import plain, round_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.usage.models import UsageBill, UsageCharge, UsageSubscription
from tracktok.usage.queries import subscriptions as queries
from tracktok.usage.queries.rating import RatedPeriod, Terms, rate_period
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
    known = queries.meters_of([subscription.id])[subscription.id]
    terms = Terms.of(subscription, known, subscription.next_period)
    rated = rate_period(terms, span)
    if rated.problem:
        raise NoPrice(rated.problem)
    days = rated.bounds.days
    bill_id = db.session.execute(
        insert(UsageBill)
        .values(
            tenant_id=current_tenant_id(), id=new_id(), subscription_id=subscription.id,
            customer_id=subscription.customer_id, period_start=days.start, period_end=days.end,
            currency=subscription.currency, amount=ZERO, terms=terms.as_json(), rated_at=clock.now(),
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
    _keep(bill, _affordable(bill.id, [*_lines_of(bill, rated), *_adjustments(bill)])[0])
    return bill


def open_late(subscription: UsageSubscription, now: datetime) -> tuple[UsageBill | None, Decimal]:
    """Bill by itself what came late for closed periods of a subscription, locked by the caller, without a bill to come.

    None when there is nothing to bill; and what is owed back, which no bill will bear.
    """
    found = [one for one in queries.bills_to_adjust(subscription.id) if not one.is_late]
    if not found:
        return None, ZERO
    known = queries.meters_of([subscription.id])[subscription.id]
    bill = UsageBill(
        id=new_id(), subscription_id=subscription.id, customer_id=subscription.customer_id,
        period_start=found[0].period_start, period_end=max(one.period_end for one in found),
        currency=subscription.currency, amount=ZERO, terms=Terms.of(subscription, known).as_json(), is_late=True,
        rated_at=clock.now(), close_at=now + timedelta(hours=subscription.grace_hours),
    )  # fmt: skip
    lines, waiting = _affordable(bill.id, _adjustments(bill))
    if not lines:
        return None, waiting
    db.session.add(bill)
    db.session.flush()
    _keep(bill, lines)
    db.session.refresh(bill)
    return bill, waiting


def refresh(bill: UsageBill) -> bool:
    """Reckon an open bill, locked by the caller, anew; returns whether late usage has changed it. Raises NoPrice (409).

    Only what late usage may have changed is reckoned: of the rest, the lines stay.
    """
    kept = queries.charges_of(bill.id)
    own = [_line(one) for one in kept if one.about_id == bill.id]
    if queries.is_unsettled(bill) and not bill.is_late:
        rated = _rate(bill)
        if rated.problem:
            raise NoPrice(rated.problem)
        own = _lines_of(bill, rated)
    bill.rated_at = clock.now()
    wanted, _ = _affordable(bill.id, [*own, *_adjustments(bill, kept)])
    if sorted(map(_same, kept), key=str) == sorted(map(_same, wanted), key=str):
        db.session.flush()
        return False
    _keep(bill, wanted)
    return True


def let_go(bill: UsageBill) -> None:
    """The invoice of a bill is gone: the periods that stood on it are owed again, and billed by the next bill."""
    about = {one.about_id for one in queries.charges_of(bill.id)}
    _keep(bill, [])
    bill.document_id = None
    close(bill)
    released = update(UsageBill).where(UsageBill.id.in_(about)).values(rated_at=None, status="released")
    db.session.execute(released)


def close(bill: UsageBill) -> None:
    """No later usage changes this bill: the next one adjusts it."""
    bill.status = "closed"
    db.session.flush()


def note_document(bill: UsageBill, document_id: UUID | None) -> None:
    """Which invoice the lines of a bill stand on."""
    bill.document_id = document_id
    db.session.flush()


def forget_document(document_id: UUID) -> None:
    """An invoice on which nothing is left of any bill was taken away."""
    db.session.execute(update(UsageBill).where(UsageBill.document_id == document_id).values(document_id=None))


def _same(one: Any) -> tuple[Any, ...]:
    return one.kind, one.meter_id, one.about_id, one.quantity, one.amount, one.description


def _rate(bill: UsageBill) -> RatedPeriod:
    """The period of a bill as usage is known now, by the terms that it was billed by."""
    terms = Terms.from_json(bill.terms)
    subscription = queries.subscription_row(bill.subscription_id)
    return rate_period(terms, queries.span_at(subscription, bill.period_start))


def _span(rated: RatedPeriod) -> str:
    days = rated.bounds.days
    return f"{format_day(days.start)} to {format_day(days.last)}"


def _lines_of(bill: UsageBill, rated: RatedPeriod) -> list[Line]:
    span = _span(rated)
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


def _adjustments(bill: UsageBill, kept: Sequence[UsageCharge] = ()) -> list[Line]:
    """What usage that came late adds to periods of the subscription that are closed; of others, the lines it had."""
    found = queries.bills_to_adjust(bill.subscription_id)
    reckoned = [one for one in found if one.id != bill.id and (bill.is_late or one.period_start < bill.period_start)]
    again = {one.id for one in reckoned} | {bill.id}
    lines = [_line(one) for one in kept if one.about_id not in again]
    for earlier in reckoned:
        earlier.rated_at, earlier.status = clock.now(), "closed"
        if earlier.is_late:
            continue
        rated = _rate(earlier)
        if rated.problem:
            raise NoPrice(f"{_span(rated)}: {rated.problem}")
        wanted = {(one.kind, one.meter_id): one for one in _lines_of(earlier, rated)}
        charged = _charged_before(earlier.id, kept)
        for key in sorted(wanted.keys() | charged.keys(), key=str):
            line, before = wanted.get(key), charged.get(key, (ZERO, ZERO))
            amount = (line.amount if line else ZERO) - before[0]
            quantity = (line.quantity if line else ZERO) - before[1]
            if not amount:
                continue
            name = line.description if line else f"{_SETTLED.get(key[0], 'Usage')}, {format_day(earlier.period_start)}"
            moved = [{"label": "Reckoned anew", "amount": plain(line.amount if line else ZERO)},
                     {"label": "Billed before", "amount": plain(-before[0])}]  # fmt: skip
            lines.append(
                Line(key[0], key[1], earlier.id, f"Adjustment: {name}", quantity, line.unit if line else "", amount,
                     amount, moved)
            )  # fmt: skip
    db.session.flush()
    return lines


def _charged_before(
    about_id: UUID, but_for: Sequence[UsageCharge]
) -> dict[tuple[str, UUID | None], tuple[Decimal, Decimal]]:
    """What was charged for a period so far, but for the lines of a bill that are reckoned anew."""
    found = {key: (row.amount, row.quantity) for key, row in queries.charged_about(about_id).items()}
    for one in but_for:
        if one.about_id == about_id:
            key = (one.kind, one.meter_id)
            found[key] = (found[key][0] - one.amount, found[key][1] - one.quantity)
    return found


def _affordable(bill_id: UUID, lines: list[Line]) -> tuple[list[Line], Decimal]:
    """The lines without those that would bill somebody less than nothing, which wait for the next bill; and their sum.

    What adjusts one closed period stands or waits together. Of the periods that take something back, those that take
    the most wait first, until what is left is nothing or more. Those that wait are reckoned again by the next bill.
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
    if waiting:
        db.session.execute(update(UsageBill).where(UsageBill.id.in_(waiting)).values(rated_at=None))
    return [one for one in lines if one.about_id not in waiting], sum((groups[one] for one in waiting), ZERO)


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
        "quantity": None if part.quantity is None else plain(part.quantity),
        "unit_price": None if part.unit_price is None else plain(part.unit_price),
        "per": part.per,
        "amount": plain(part.amount),
    }


def _line(kept: UsageCharge) -> Line:
    """A line as it is kept."""
    return Line(
        kept.kind, kept.meter_id, kept.about_id, kept.description, kept.quantity, kept.unit, kept.exact_amount,
        kept.amount, kept.breakdown,
    )  # fmt: skip
