"""Books > Ledger: the chart of accounts, the trial balance, the journal; an account, an entry."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, current_app, request, url_for
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.records import record_page
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from . import queries, schemas, services
from .models import BookType
from .queries import JournalQuery
from .rules import KIND_WORDS, fiscal_year_start

M = TypeVar("M", bound=BaseModel)
blueprint = Blueprint("ledger", __name__, template_folder="templates")
record_page("book_accounts", "account of the books", "ledger.account", "book_account_id")
record_page("books", "set of books", "ledger.index")
TYPE_WORDS = {
    BookType.asset: ("Assets", "What the company has"),
    BookType.liability: ("Liabilities", "What it owes"),
    BookType.equity: ("Equity", "What belongs to its owners"),
    BookType.income: ("Income", "What it earned"),
    BookType.expense: ("Expenses", "What it spent"),
}
# Where the page of a source is: (what people call it, endpoint, argument). Shown when that page exists.
SOURCES = {
    "expense": ("Expense", "expenses.show", "expense_id"),
    "import": ("Import", "imports.show", "import_id"),
    "account": ("Account", "expenses.account", "account_id"),
    "trip_statement": ("Statement", "trip_statements.show", "statement_id"),
    "trip_statement_payment": ("Statement", "trip_statements.show", "statement_id"),
}


def source_of(source: str, source_id: UUID) -> tuple[str, str]:
    """(what an entry's source is called, the address of its page or "")."""
    word, endpoint, argument = SOURCES.get(source, (source.replace("_", " ").capitalize(), "", ""))
    known = endpoint in current_app.view_functions
    values: dict[str, Any] = {argument: source_id}
    return word, url_for(endpoint, **values) if known else ""


@blueprint.get("/ledger")
@permits("ledger.read")
def index() -> Response:
    """The chart of accounts with its balances."""
    archived = request.args.get("archived") == "1"
    groups = [
        (kind, *TYPE_WORDS[kind], accounts, sum(one.base_amount for one in accounts))
        for kind, accounts in queries.chart(archived=archived)
        if accounts
    ]
    return render("ledger/index.html", groups=groups, archived=archived, base=preferences().currency)


def _days(
    default_start: date | None = None, default_end: date | None = None
) -> tuple[Form[Any], date | None, date | None]:
    """The form of the days in the address, and the days; the defaults where the address names none."""
    given = MultiDict({name: request.args.get(name, "") for name in ("date_from", "date_to")})
    form = Form.read(schemas.TrialQuery, given)
    if form.data is None:
        return form, default_start, default_end
    start, end = form.data.date_from or default_start, form.data.date_to or default_end
    return form, start, end


@blueprint.get("/ledger/trial-balance")
@permits("ledger.read")
def trial_balance() -> Response:
    """What was on every account, what moved, what is there; for the running fiscal year or any days."""
    today, first_month = clock.today(preferences().timezone), preferences().fiscal_year_start_month
    form, start, end = _days(None, today)
    end = end or today
    start = min(start, end) if start else fiscal_year_start(end, first_month)
    unused = request.args.get("unused") == "1"
    trial = queries.trial_balance(start, end, unused=unused)
    if form.data is not None:
        form = Form({"date_from": start, "date_to": end})
    return render(
        "ledger/trial_balance.html",
        block={"trial": "trial"},
        trial=trial,
        form=form,
        unused=unused,
        base=preferences().currency,
        presets=_presets(today, first_month),
        clear=url_for(".trial_balance"),
    )


def _presets(today: date, first_month: int) -> list[tuple[str, str, bool]]:
    """(name, address, whether it is shown now) of the ranges that are asked for most."""
    month, year = today.replace(day=1), fiscal_year_start(today, first_month)
    last_month_end, last_year_end = month - timedelta(days=1), year - timedelta(days=1)
    ranges = (
        ("This month", month, today),
        ("Last month", last_month_end.replace(day=1), last_month_end),
        ("This fiscal year", year, today),
        ("Last fiscal year", fiscal_year_start(last_year_end, first_month), last_year_end),
    )
    now = (request.args.get("date_from"), request.args.get("date_to"))
    return [
        (
            name,
            url_for(".trial_balance", date_from=start.isoformat(), date_to=end.isoformat()),
            now == (start.isoformat(), end.isoformat()) or (not any(now) and (start, end) == (year, today)),
        )
        for name, start, end in ranges
    ]


@blueprint.get("/ledger/entries")
@permits("ledger.read")
def entries() -> Response:
    """The journal, newest first."""
    form, start, end = _days()
    kind = request.args.get("kind", "")
    page = queries.list_entries(JournalQuery(start, end, kind or None), cursor=request.args.get("cursor"), limit=50)
    chips = [("Kind", KIND_WORDS.get(kind, kind), without("kind"))] if kind else []
    chips += [
        (label, format_day(day), without(name))
        for label, name, day in (("From", "date_from", start), ("To", "date_to", end))
        if day
    ]
    return render(
        "ledger/entries.html",
        block={"entries-list": "list", "entries-more": "rows", "*": "list"},
        page=page,
        form=form,
        kind=kind,
        kinds=list(KIND_WORDS.items()),
        chips=chips,
        clear=url_for(".entries"),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        base=preferences().currency,
        words=KIND_WORDS,
    )


@blueprint.get("/ledger/entries/<uuid:entry_id>")
@permits("ledger.read")
def entry(entry_id: UUID) -> Response:
    """An entry with its lines."""
    found = queries.get_entry(entry_id)
    lines = [row.LedgerLine for row in found.lines]
    return render(
        "ledger/entry.html",
        block={"peek-body": "record"},
        found=found,
        entry=found.entry,
        word=KIND_WORDS.get(found.entry.kind, found.entry.kind.replace("_", " ").capitalize()),
        source=source_of(found.entry.source, found.entry.source_id),
        debit=sum(line.base_amount for line in lines if line.base_amount > 0),
        credit=-sum(line.base_amount for line in lines if line.base_amount < 0),
        foreign=any(line.currency != preferences().currency for line in lines),
        base=preferences().currency,
    )


@blueprint.get("/ledger/accounts/<uuid:book_account_id>")
@permits("ledger.read")
def account(book_account_id: UUID) -> Response:
    """An account of the books: its lines with the running balance."""
    found = queries.get_book_account(book_account_id)
    form, start, end = _days()
    page = queries.lines_of(book_account_id, start=start, end=end, cursor=request.args.get("cursor"))
    return render(
        "ledger/account.html",
        block={"peek-body": "record", "lines-list": "list", "lines-more": "rows"},
        account=found,
        balance=queries.balance_of([book_account_id])[book_account_id],
        page=page,
        form=form,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        currency=found.currency or preferences().currency,
        base=preferences().currency,
        type_words=TYPE_WORDS[BookType(found.type)][0],
        chips=[
            (label, format_day(day), without(name))
            for label, name, day in (("From", "date_from", start), ("To", "date_to", end))
            if day
        ],
        clear=url_for(".account", book_account_id=book_account_id),
        words=KIND_WORDS,
    )


def _account_form(form: Form[Any], found: Any = None) -> Response:
    return render(
        "ledger/account_form.html",
        block="form",
        status=form.status,
        form=form,
        account=found,
        types=[(kind.value, words[0], words[1]) for kind, words in TYPE_WORDS.items()],
    )


@blueprint.get("/ledger/accounts/new")
@permits("ledger.write")
def new_account() -> Response:
    """The form of an account to add to the chart."""
    return _account_form(Form({"type": request.args.get("type", "expense")}))


@blueprint.post("/ledger/accounts")
@permits("ledger.write")
def create_account() -> Response:
    """Add an account to the chart."""
    return save(
        _read(schemas.BookAccountIn),
        lambda data: services.create_book_account(data.name, data.type, data.currency),
        lambda made: go_on(f"{made.code} {made.name} added", url_for(".account", book_account_id=made.id)),
        _account_form,
    )


@blueprint.get("/ledger/accounts/<uuid:book_account_id>/edit")
@permits("ledger.write")
def edit_account(book_account_id: UUID) -> Response:
    """The form of an account of the chart."""
    found = queries.get_book_account(book_account_id)
    return _account_form(Form({"name": found.name}), found)


@blueprint.post("/ledger/accounts/<uuid:book_account_id>/edit")
@permits("ledger.write")
def change_account(book_account_id: UUID) -> Response:
    """Rename an account."""
    found = queries.get_book_account(book_account_id, for_update=True)
    return save(
        _read(schemas.BookAccountPatch),
        lambda data: services.change_book_account(found, name=data.name or ""),
        lambda _: go_on("Account saved", url_for(".account", book_account_id=book_account_id)),
        lambda form: _account_form(form, found),
    )


@blueprint.post("/ledger/accounts/<uuid:book_account_id>/archive")
@permits("ledger.write")
def archive_account(book_account_id: UUID) -> Response:
    """Put an account away, or take it out again."""
    found = queries.get_book_account(book_account_id, for_update=True)
    wanted = request.form.get("archived", "1") == "1"
    here = url_for(".account", book_account_id=book_account_id)
    return attempt(
        lambda: services.change_book_account(found, is_archived=wanted),
        lambda _: go_on("Account archived" if wanted else "Account is in use again", here),
        here,
    )


def _read(model: type[M]) -> Form[M]:
    """The form, without fields that were left empty."""
    return Form.read(model, MultiDict({name: value for name, value in request.form.items() if value != ""}))
