"""Reading MT940."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from tracktok.invoices.rules.bank_lines import Statement, StatementLine, Unreadable

_STARTS = re.compile(r"^(?=:20:)", re.MULTILINE)
_NO_REFERENCE = frozenset({"NONREF", "NOREF", ""})


def read_mt940(text: str) -> list[Statement]:
    """The statements of an MT940 file, in their order. Raises Unreadable."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # The library keeps the balances of the last statement only, so each is read for itself.
    parts = [one for one in _STARTS.split(text) if one.startswith(":20:")]
    if not parts:
        raise Unreadable("This looks like MT940, but no statement (:20:) starts in it.")
    return [_statement(one) for one in parts]


def _statement(text: str) -> Statement:
    body = text.rstrip()
    if not re.search(r"^:62[FM]:", body, re.MULTILINE):
        raise Unreadable("This MT940 file is broken: a statement has no closing balance (:62F:). It may be cut off.")
    try:
        read = mt940.models.Transactions()
        read.parse(body)
    except (ValueError, RuntimeError, KeyError, AttributeError, TypeError, ArithmeticError) as error:
        raise Unreadable("This looks like MT940, but a line of it cannot be read.") from error
    facts: dict[str, Any] = read.data
    opening = facts.get("final_opening_balance") or facts.get("intermediate_opening_balance")
    closing = facts.get("final_closing_balance") or facts.get("intermediate_closing_balance")
    found = Statement(str(facts.get("account_identification") or ""))
    if opening is not None:
        found.opening, found.currency, found.start = _held(opening), str(opening.amount.currency), _day(opening.date)
    if closing is not None:
        found.closing, found.currency, found.end = _held(closing), str(closing.amount.currency), _day(closing.date)
    if len(re.findall(r"^:61:", body, re.MULTILINE)) != len(read.transactions):
        raise Unreadable("This looks like MT940, but some of its lines (:61:) cannot be read.")
    for one in read.transactions:
        line = _line(one.data, found.currency)
        if line.amount:
            found.lines.append(line)
        else:
            found.skipped += 1
    return found


def _day(value: Any) -> date:
    return date(value.year, value.month, value.day)


def _held(balance: Any) -> Decimal:
    amount = abs(Decimal(balance.amount.amount))
    return -amount if balance.status == "D" else amount


def _line(data: dict[str, Any], currency: str) -> StatementLine:
    amount = abs(Decimal(data["amount"].amount))
    # RC takes back a credit, RD a debit.
    side = str(data.get("status") or "").upper()
    words = (data.get(name) for name in ("customer_reference", "bank_reference"))
    reference, own = (str(one or "").strip() for one in words)
    said = [data.get(name) for name in ("purpose", "additional_purpose", "transaction_details", "extra_details")]
    if data.get("purpose"):
        said[2] = None
    return StatementLine(
        booked_on=_day(data.get("date") or data["entry_date"]),
        amount=amount if side in {"C", "RD", "EC"} else -amount,
        currency=currency,
        counterparty=str(data.get("applicant_name") or ""),
        reference=str(data.get("end_to_end_reference") or "") or ("" if reference in _NO_REFERENCE else reference),
        description=" ".join(str(one) for one in said if one),
        external_id="" if own in _NO_REFERENCE else own,
    ).tidy()
