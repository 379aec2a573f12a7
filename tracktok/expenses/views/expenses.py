"""The list of expenses, an expense, the bin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries import history
from tracktok.core.context import preferences
from tracktok.core.permissions import current_actor, permits
from tracktok.expenses.queries import expense_list, people
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.queries.receipts import receipts_of
from tracktok.expenses.queries.summary import summarize
from tracktok.expenses.rules.statuses import ACTION_LABELS, actions_from
from tracktok.expenses.schemas.expenses import BinQuery, ExpenseFilters, ExpenseQuery
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_day, format_number
from tracktok.web.forms import Form
from tracktok.web.render import render, wants_fragment

from . import choices
from .blueprint import blueprint

PER_PAGE = 50
BLOCKS = {"expenses-list": "list", "expenses-more": "rows", "*": "list"}
_LABELS = {
    "date_from": "From",
    "date_to": "To",
    "category_id": "Category",
    "project_id": "Project",
    "account_id": "Account",
    "person_id": "Person",
    "status": "Status",
    "tag": "Tag",
    "amount_from": "At least",
    "amount_to": "At most",
    "q": "Text",
    "payment_method": "Paid by",
    "has_receipt": "Receipt",
    "currency": "Currency",
    "import_id": "Import",
}


def read_query(args: MultiDict[str, str]) -> tuple[Form[ExpenseQuery], ExpenseQuery]:
    """The filters of an address: the form that shows them, and what is valid of them."""
    known = {name: args.getlist(name) for name in ExpenseQuery.model_fields if args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form = Form.read(ExpenseQuery, MultiDict(known))
    if form.data is not None:
        return form, form.data
    rest = {name: values for name, values in known.items() if name not in form.errors}
    again = Form.read(ExpenseQuery, MultiDict(rest))
    return form, again.data or ExpenseQuery(limit=PER_PAGE)


def chips_of(query: ExpenseFilters, offered: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, words, address without it) of each filter that is set."""
    names = {
        "category_id": offered["categories"],
        "project_id": offered["projects"],
        "account_id": offered["accounts"],
        "person_id": offered["people"],
        "status": offered["statuses"],
        "payment_method": offered["methods"],
    }
    chips = []
    for name, value in query.active().items():
        if name in names:
            words = next(
                (str(one[1]) for one in names[name] if str(one[0]) == str(getattr(value, "value", value))), "…"
            )
        elif name in {"date_from", "date_to"}:
            words = format_day(value)
        elif name in {"amount_from", "amount_to"}:
            words = format_number(value, 2)
        elif name == "has_receipt":
            words = "with" if value else "without"
        elif name == "import_id":
            words = "one file"
        else:
            words = str(value)
        chips.append((_LABELS[name], words, without(name)))
    return chips


@blueprint.get("/expenses")
@permits("expenses.read")
def index() -> Response:
    """The list with its filters, totals and pages."""
    form, query = read_query(request.args)
    page = expense_list.list_expenses(query)
    offered = choices.for_filters() if not (wants_fragment() and query.cursor) else _NOTHING
    here: dict[str, Any] = {name: given for name, given in request.args.lists() if name != "cursor"}
    values: dict[str, Any] = {
        "page": page,
        "people_names": people.names_of(row.person_id for row in page.rows),
        "more": address({"cursor": page.next_cursor}) if page.next_cursor else "",
        "sort": query.sort,
        "everybody": current_actor().may("expenses.read_all"),
        "base": preferences().currency,
        "bulk_action": url_for(".bulk", **here),
        "here": here,
    }
    if not query.cursor:
        chips = chips_of(query, offered)
        values |= {"summary": summarize(query), "chips": chips, "form": form, "filtered": bool(chips), **offered}
    else:
        values |= {"summary": None, "chips": [], "form": form, "filtered": False, **offered}
    return render("expenses/index.html", block=BLOCKS, clear=url_for(".index"), **values)


_NOTHING: dict[str, Any] = {
    name: [] for name in ("categories", "projects", "accounts", "people", "statuses", "methods", "all_tags")
}


@blueprint.get("/expenses/<uuid:expense_id>")
@permits("expenses.read")
def show(expense_id: UUID) -> Response:
    """An expense: what it was for, its receipts, its history."""
    row = queries.get_row(expense_id, deleted=True)
    who = current_actor()
    mine = who.may("expenses.write_all") or (who.may("expenses.write") and row.person_id == who.person_id)
    twins = queries.find_twins(
        day=row.expense_date,
        amount=row.amount,
        base_amount=row.base_amount,
        currency=row.currency,
        name=row.merchant or row.title,
        itself=row.id,
    )
    return render(
        "expenses/show.html",
        block={"peek-body": "record", "expense-receipts": "receipts", "*": "record"},
        expense=row,
        person_name=people.names_of([row.person_id]).get(row.person_id, "Somebody who left"),
        may_change=mine and row.deleted_at is None,
        may_restore=mine and row.deleted_at is not None,
        actions=[(action, ACTION_LABELS[action]) for action in actions_from(row.status)],
        receipts=receipts_of(expense_id),
        twins=twins if row.deleted_at is None else [],
        history=history.history_of("expenses", expense_id),
        base=preferences().currency,
        form=None,
    )


@blueprint.get("/expenses/bin")
@permits("expenses.read")
def bin_index() -> Response:
    """What was deleted in the last 30 days."""
    page = expense_list.list_bin(BinQuery(limit=PER_PAGE, cursor=request.args.get("cursor")))
    return render(
        "expenses/bin.html",
        block={"expenses-more": "rows"},
        page=page,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        base=preferences().currency,
    )
