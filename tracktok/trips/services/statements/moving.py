"""Statements from draft to paid: an approval closes the month and posts what is owed; a payment settles it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from tracktok.core import clock
from tracktok.core.context import actor, preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.expenses.queries.accounts import get_account
from tracktok.ledger.queries import book_account_for, rate_between, standing_entries
from tracktok.ledger.rules import Entry, Line
from tracktok.ledger.services import post, replace
from tracktok.trips.models import TripStatement
from tracktok.trips.queries.adjustments import adjustments_of
from tracktok.trips.queries.books import category_of
from tracktok.trips.queries.rating import find_vendor
from tracktok.trips.queries.statements import cost_by_dimension, find_statement, get_statement
from tracktok.trips.rules.statements import TRANSITIONS, Figures, figures_json, figures_of
from tracktok.trips.rules.trips import last_day, month_of
from tracktok.trips.schemas.statements import ApproveIn, PayIn, StatementIn
from tracktok.trips.services.periods import hold_alone
from tracktok.trips.signals import statement_approved, statement_paid

from .mailing import ask_for_mails
from .reckoning import reckon_now

ZERO = Decimal(0)
SOURCE = "trip_statement"
PAYMENT = "trip_statement_payment"


class IllegalMove(Conflict):
    code, title = "illegal_status", "The statement does not stand where this can be done"


def make_statement(body: StatementIn) -> TripStatement:
    """The statement of a vendor and month, made when there is none yet: for a month with a fixed fee and no trip."""
    find_vendor(body.vendor_id)
    month = month_of(body.month)
    found = find_statement(body.vendor_id, month)
    if found is not None:
        return found
    statement = TripStatement(id=new_id(), vendor_id=body.vendor_id, month=month, figures={})
    try:
        with db.session.begin_nested():
            db.session.add(statement)
            db.session.flush()
    except IntegrityError as error:
        if "vendor_id_month" in str(error.orig):
            raise Conflict("This statement was made by somebody else just now.") from error
        raise
    db.session.refresh(statement)
    return statement


def lock_to_approve(statement_id: UUID) -> TripStatement:
    """A statement, locked once nobody writes trips of its vendor: who writes trips takes the two in this order too."""
    hold_alone(get_statement(statement_id).vendor_id)
    return get_statement(statement_id, for_update=True)


def approve_statement(statement: TripStatement, body: ApproveIn) -> TripStatement:
    """Approve a draft (of `lock_to_approve`): its month closes, its figures are kept, and what is owed is posted.

    Raises IllegalMove (409).
    """
    hold_alone(statement.vendor_id)
    db.session.refresh(statement, with_for_update=True)
    _move(statement, "approve")
    today = clock.today(preferences().timezone)
    day = last_day(statement.month)
    if day >= today:
        raise IllegalMove("This month has not ended yet. It can be approved once it has.")
    figures = reckon_now(statement.vendor_id, statement.month)
    if not figures.sums:
        raise IllegalMove("There is nothing on this statement.")
    vendor = find_vendor(statement.vendor_id)
    who = actor()
    main = figures.sums[0]
    statement.figures = figures_json(figures)
    statement.currency, statement.total = main.currency, main.total
    statement.vendor_reference = body.vendor_reference or statement.vendor_reference
    statement.approved_at = clock.now()
    statement.approved_by = who.person_id if who else None
    statement.payable_date = day + timedelta(days=vendor.payment_terms_days)
    statement.revision += 1
    db.session.flush()
    entries = _entries(statement, figures, vendor.name, day)
    if entries:
        post(entries)
    ask_for_mails(statement)
    statement_approved.send(statement, figures=figures)
    return statement


def pay_statement(statement: TripStatement, body: PayIn) -> TripStatement:
    """Record that an approved statement was paid from an account. Raises IllegalMove (409), Invalid (422)."""
    db.session.refresh(statement, with_for_update=True)
    _move(statement, "pay")
    account = get_account(body.account_id)
    today = clock.today(preferences().timezone)
    day = body.paid_on or today
    if day > today:
        raise Invalid.at("paid_on", "This day has not come yet.")
    figures = figures_of(statement.figures)
    vendor = find_vendor(statement.vendor_id)
    statement.paid_on, statement.account_id, statement.payment_reference = day, account.id, body.reference
    statement.revision += 1
    db.session.flush()
    entries = []
    posted = _posted(statement)
    for one in figures.sums:
        if not one.total:
            continue
        owed = posted[one.currency]
        paid, paid_base = _from_account(one.total, one.currency, account.currency, day)
        settle = Line(
            book_account_for("payables"), one.total, owed, one.currency, items=0, vendor_id=statement.vendor_id
        )
        away = Line(account.book_account_id, -paid, -paid_base, account.currency, items=0, account_id=account.id)
        rest = paid_base - owed
        lines = [settle, away]
        if rest:
            base = preferences().currency
            lines.append(Line(book_account_for("exchange_difference"), rest, rest, base, items=0))
        memo = f"Payment to {vendor.name} for {statement.month:%B %Y}"
        entries.append(Entry(day, "payment", PAYMENT, statement.id, memo, tuple(lines)))
    if entries:
        post(entries)
    statement_paid.send(statement)
    return statement


def _posted(statement: TripStatement) -> dict[str, Decimal]:
    """What the books say is owed, by currency: a rate that was corrected since the approval changes nothing of it."""
    payables, found = book_account_for("payables"), dict[str, Decimal]()
    for entry in standing_entries(SOURCE, statement.id):
        for line in entry.lines:
            if line.book_account_id == payables:
                found[line.currency] = found.get(line.currency, ZERO) - line.base_amount
    return found


def unpay_statement(statement: TripStatement) -> TripStatement:
    """Take a payment back that was recorded by mistake. Raises IllegalMove (409)."""
    db.session.refresh(statement, with_for_update=True)
    _move(statement, "unpay")
    statement.paid_on, statement.account_id, statement.payment_reference = None, None, ""
    statement.revision += 1
    db.session.flush()
    replace(PAYMENT, statement.id)
    return statement


def _move(statement: TripStatement, action: str) -> None:
    to = TRANSITIONS.get((statement.status, action))
    if to is None:
        words = {"approve": "approved", "pay": "paid", "unpay": "taken back as unpaid"}[action]
        raise IllegalMove(f"This statement is {statement.status}; it cannot be {words}.")
    statement.status = to


def _entries(statement: TripStatement, figures: Figures, vendor: str, day: date) -> list[Entry]:
    """What is owed, by currency: hire and tolls as cost, tax as input tax, all of it to trade payables."""
    hire, tolls = book_account_for("vehicle_hire"), book_account_for("tolls_and_parking")
    costs: dict[tuple[Any, ...], Decimal] = {}

    def add(account: UUID, currency: str, project: UUID | None, customer: UUID | None, amount: Decimal) -> None:
        key = (currency, account, project, customer)
        costs[key] = costs.get(key, ZERO) + amount

    for row in cost_by_dimension(statement.vendor_id, statement.month):
        add(hire, row.currency, row.project_id, row.customer_id, row.hire)
        add(tolls, row.currency, row.project_id, row.customer_id, row.passed_on)
    for part in figures.parts:
        add(hire, part.currency, None, None, part.amount)
    for one in adjustments_of(statement.vendor_id, statement.month):
        add(hire, one.currency, one.project_id, one.customer_id, one.amount)
    categories = {hire: category_of(hire), tolls: category_of(tolls)}
    entries = []
    for sums in figures.sums:
        lines: list[Line] = []
        for (currency, account, project, customer), amount in costs.items():
            if currency == sums.currency and amount:
                base = _in_base(amount, currency, day)
                lines.append(
                    Line(
                        account, amount, base, currency, items=0 if lines else 1, category_id=categories[account],
                        project_id=project, vendor_id=statement.vendor_id, customer_id=customer,
                    )
                )  # fmt: skip
        if sums.tax:
            tax = _in_base(sums.tax, sums.currency, day)
            lines.append(
                Line(
                    book_account_for("input_tax"), sums.tax, tax, sums.currency, items=0, vendor_id=statement.vendor_id
                )
            )
        if not lines:
            continue
        owed, base = sum((one.amount for one in lines), ZERO), sum((one.base_amount for one in lines), ZERO)
        payable = _in_base(sums.total, sums.currency, day)
        if base != payable:  # each line was rounded by itself
            own = preferences().currency
            lines.append(Line(book_account_for("rounding"), payable - base, payable - base, own, items=0))
        lines.append(
            Line(book_account_for("payables"), -owed, -payable, sums.currency, items=0, vendor_id=statement.vendor_id)
        )
        memo = f"{vendor}, trips of {statement.month:%B %Y}"
        entries.append(Entry(day, "bill", SOURCE, statement.id, memo, tuple(lines)))
    return entries


def _in_base(amount: Decimal, currency: str, day: date) -> Decimal:
    base = preferences().currency
    if currency == base:
        return amount
    return round_amount(amount * _rate(currency, base, day), base)


def _rate(currency: str, other: str, day: date) -> Decimal:
    found = rate_between(currency, other, day)
    if found is None:
        raise IllegalMove(f"No exchange rate from {currency} to {other} is known for {day}.")
    return found.rate


def _from_account(amount: Decimal, currency: str, own: str, day: date) -> tuple[Decimal, Decimal]:
    """What leaves an account of a currency, and the same in the company's."""
    paid = amount if own == currency else round_amount(amount * _rate(currency, own, day), own)
    return paid, _in_base(paid, own, day)
