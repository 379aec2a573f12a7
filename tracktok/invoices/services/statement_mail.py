"""Statements of account go to customers by mail."""

from __future__ import annotations

from typing import Any

from tracktok.audit.services import record
from tracktok.core.errors import Conflict
from tracktok.customers.models import Customer
from tracktok.customers.services import default_company
from tracktok.invoices.queries import standing, standing_views
from tracktok.invoices.queries.recipients import recipients_of
from tracktok.invoices.schemas.receipts import CustomerStatementQuery
from tracktok.invoices.schemas.reminders import StatementMailIn
from tracktok.notifications.services import send_template
from tracktok.web.filters import format_day, format_money

from .deriving import today
from .portal import portal_link
from .sending import check_addresses

MOST_ROWS = 200


class NothingToState(Conflict):
    code, title = "nothing_to_state", "There is nothing to state"


def subject_of(body: StatementMailIn) -> str:
    """The subject unless another is written."""
    _, until = days_of(body)
    return f"Statement of account from {default_company().legal_name}, {format_day(until)}"


def message_of(customer: Customer) -> str:
    """The message unless another is written: what is owed, and what of it is overdue."""
    said = []
    for one in standing.standings(customer.id, today()):
        if one.receivable:
            text = f"{format_money(one.receivable, one.currency)} is open"
            said.append(f"{text}, {format_money(one.overdue, one.currency)} of it overdue" if one.overdue else text)
    sentence = f"By our books {'; '.join(said)}." if said else "By our books nothing is open."
    return f"Hello,\n\nthis is your account with us. {sentence} Please tell us if yours say otherwise.\n\nThank you."


def days_of(body: StatementMailIn) -> Any:
    """The first and last day. Raises Invalid at `from`."""
    return standing_views.days_of(CustomerStatementQuery.model_validate({"from": body.date_from, "to": body.date_to}))


def send_statement(customer: Customer, body: StatementMailIn) -> list[str]:
    """Mail a customer's account over some days, with the link to their page; returns the addresses.

    Raises Invalid at `to` or `from`, NothingToState (409) for an account on which nothing ever was.
    """
    to = check_addresses(body.to if body.to is not None else recipients_of(customer))
    start, until = days_of(body)
    found = standing.statement(customer.id, start, until)
    accounts = [_account(one) for one in found if one.opening or one.moves]
    if not accounts:
        raise NothingToState(f"{customer.name} has no balance, and nothing moved in these days.")
    for address in to:
        send_template(
            "invoices/statement",
            address,
            heading=body.subject.strip() or subject_of(body),
            message=body.message.strip() or message_of(customer),
            start=format_day(start),
            until=format_day(until),
            accounts=accounts,
            company=default_company().legal_name,
            link=portal_link(customer),
        )
    record("statement_sent", "customers", customer.id, label=customer.name, after={"to": ", ".join(to)})
    return to


def _account(found: standing.Account) -> dict[str, Any]:
    rows = found.moves[-MOST_ROWS:]
    left_out = len(found.moves) - len(rows)
    opening = found.moves[left_out - 1].balance if left_out else found.opening
    return {
        "currency": found.currency,
        "opening": format_money(opening, found.currency),
        "closing": format_money(found.closing, found.currency),
        "rows": [
            {
                "day": format_day(move.day),
                "number": move.number,
                "what": standing_views.described(move),
                "amount": format_money(move.amount, found.currency),
                "balance": format_money(move.balance, found.currency),
            }
            for move in rows
        ],
    }
