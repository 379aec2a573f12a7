"""The pages of bank statements: files taken in, lines matched with what is open."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from pydantic import ValidationError

from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.expenses.queries.accounts import choices as account_choices
from tracktok.invoices.queries import bank as queries
from tracktok.invoices.queries import bank_receipts
from tracktok.invoices.queries.parties import find_customer
from tracktok.invoices.queries.receipts import open_documents
from tracktok.invoices.rules.matching import suggest
from tracktok.invoices.rules.matching_receipts import KnownReceipt, ReceiptSuggestion, suggest_receipts
from tracktok.invoices.schemas.bank import BankLineFilters, BankLineQuery, BankMatchIn, BankStatementQuery, PaidDocument
from tracktok.invoices.services import bank as services
from tracktok.web.addresses import address, without
from tracktok.web.filters import plural
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import attempt, go_on

from .entering import uuid_of

blueprint = Blueprint("bank", "tracktok.invoices", template_folder="templates", url_prefix="/bank")
Show = Literal["open", "out", "matched", "ignored"]
_SHOWN: dict[str, tuple[str, dict[str, str]]] = {
    "open": ("To match", {"status": "open", "direction": "in"}),
    "matched": ("Matched", {"status": "matched"}),
    "ignored": ("Ignored", {"status": "ignored"}),
    "out": ("Money out", {"status": "open", "direction": "out"}),
}
_ORDERS = [("DMY", "Day first: 31/12/2026"), ("MDY", "Month first: 12/31/2026"), ("YMD", "Year first: 2026-12-31")]


def _accounts() -> list[tuple[UUID, str]]:
    return [(row.id, f"{row.name} ({row.currency})") for row in account_choices()]


def _filters(**over: str) -> BankLineQuery:
    names = ("q", "account_id", "date_from", "date_to", "cursor")
    values: dict[str, Any] = {name: request.args[name] for name in names if request.args.get(name)} | over
    for _ in range(2):
        try:
            return BankLineQuery.model_validate(values)
        except ValidationError as problem:
            # What cannot be read as a filter filters nothing.
            for error in problem.errors():
                values.pop(str(error["loc"][0]), None)
    return BankLineQuery.model_validate(over)


@blueprint.get("/")
@permits("receipts.read")
def index() -> Response:
    """The lines: those to match, each with what it is most likely for."""
    shown = request.args.get("show", "open")
    shown = shown if shown in _SHOWN else "open"
    query = _filters(**_SHOWN[shown][1])
    page = queries.list_lines(query)
    counts = {
        key: _count(query, how["status"], how.get("direction")) if key in {"open", "out"} else None
        for key, (_, how) in _SHOWN.items()
    }
    known = queries.open_documents(page.rows) if shown == "open" else []
    best = {row.id: next(iter(suggest(queries.money_of(row), known, 1)), None) for row in page.rows} if known else {}
    recorded = bank_receipts.unmatched_receipts(page.rows) if shown == "open" else []
    known_receipts = {row.id: found[0] for row in page.rows if (found := _receipts_of(row, recorded, 1))}
    accounts = _accounts()
    names = {str(one): name for one, name in accounts}
    chips = [
        (label, names.get(value, value) if name == "account_id" else value, without(name))
        for name, label in (("account_id", "Account"), ("date_from", "From"), ("date_to", "To"), ("q", "Search"))
        if (value := request.args.get(name, ""))
    ]
    return render(
        "invoices/bank.html", block={"bank-list": "list", "bank-more": "rows", "*": "list"}, rows=page.rows, best=best,
        known_receipts=known_receipts, shown=shown, chips=chips, clear=url_for(".index", show=shown), accounts=accounts,
        form=Form(dict(request.args)), any_lines=bool(page.rows) or queries.any_statement(),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        tabs_shown=[
            (label, address({"show": key}), key == shown, counts[key]) for key, (label, _) in _SHOWN.items()
        ],
    )  # fmt: skip


def _receipts_of(row: Any, known: list[KnownReceipt], most: int = 3) -> list[ReceiptSuggestion]:
    return suggest_receipts(queries.money_of(row), known, preferences().currency, row.account_id, most)


def _count(query: BankLineFilters, status: str, direction: str | None) -> int:
    narrowed = query.model_copy(update={"direction": direction})
    return queries.count_lines(narrowed).get(status, 0)


@blueprint.get("/statements")
@permits("receipts.read")
def statements() -> Response:
    """The statements that were read."""
    query = BankStatementQuery(cursor=request.args.get("cursor") or None)
    page = queries.list_statements(query)
    more = address({"cursor": page.next_cursor}) if page.next_cursor else ""
    return render(
        "invoices/bank_statements.html", block={"statements-more": "rows", "*": "rows"}, rows=page.rows, more=more
    )


@blueprint.get("/new")
@permits("receipts.write")
def new() -> Response:
    """Choose a file."""
    return _upload(Form(dict(request.args)))


def _upload(form: Form[Any]) -> Response:
    return render(
        "invoices/bank_new.html", block="form" if request.method == "POST" else None, status=form.status, form=form,
        accounts=_accounts(), orders=_ORDERS, asks_order=bool(form.error("date_order") or form.text("date_order")),
        asks_account=bool(form.error("bank_account") or form.text("bank_account")),
    )  # fmt: skip


@blueprint.post("/")
@permits("receipts.write")
def create() -> Response:
    """Take in a file."""
    form: Form[Any] = Form({name: request.form.get(name, "") for name in ("account_id", "bank_account", "date_order")})
    file, account_id = request.files.get("file"), uuid_of(form.text("account_id"))
    order = form.text("date_order")
    if file is None or not file.filename:
        form.add("file", "Choose a file first.")
    if account_id is None:
        form.add("account_id", "Choose the account that the file is of.")
    if file is not None and file.filename and account_id is not None:
        try:
            if services.is_table(file.stream):
                kept = services.keep_table(file.stream, file.filename, account_id)
                return redirect_to(url_for("bank_tables.show", file_id=kept.id, account_id=account_id))
            with file.stream as stream:
                done = services.take_statement(
                    stream, file.filename, account_id, bank_account=form.text("bank_account").strip() or None,
                    order=order if order in {"DMY", "MDY", "YMD"} else None,
                )  # fmt: skip
        except DomainError as refusal:
            form.refuse(refusal)
            if not refusal.errors:
                form.general.clear()
                form.add("file", refusal.detail)
                form.status = refusal.status
        else:
            toast(told(done), "warning" if done.notes else "success")
            return redirect_to(url_for(".index", account_id=account_id))
    return _upload(form)


def told(done: services.Taken) -> str:
    """What came of a file, in a sentence."""
    if not done.added:
        return f"Nothing new: all {plural(done.repeated, 'line')} were there already"
    parts = [f"{plural(done.added, 'line')} added"]
    if done.repeated:
        parts.append(f"{done.repeated:,} were there already")
    return ". ".join([", ".join(parts), *done.notes[:1]])


@blueprint.get("/lines/<uuid:bank_line_id>")
@permits("receipts.read")
def show(bank_line_id: UUID) -> Response:
    """A line: what it may be for, or what it became."""
    row = queries.get_line_row(bank_line_id)
    found = suggest(queries.money_of(row), queries.open_documents([row]))
    customer_id = uuid_of(request.args.get("customer_id", ""))
    customer = find_customer(customer_id) if customer_id else None
    owed = open_documents(customer.id, row.currency) if customer else []
    return render(
        "invoices/bank_line.html", block={"bank-by-hand": "by_hand"}, line=row, suggestions=found, customer=customer,
        known_receipts=_receipts_of(row, bank_receipts.unmatched_receipts([row], bank_receipts.FAR)),
        owed=owed, form=Form({"customer_id": customer.id if customer else ""}),
        customers=[(customer.id, customer.name)] if customer else [],
    )  # fmt: skip


@blueprint.post("/lines/<uuid:bank_line_id>/match")
@permits("receipts.write")
def match(bank_line_id: UUID) -> Response:
    """Accept a suggestion, or what was chosen by hand."""
    row = queries.get_line_row(bank_line_id)
    texts = [one for value in request.form.getlist("documents") for one in value.split(",")]
    ids = list(dict.fromkeys(found for one in texts if (found := uuid_of(one)) is not None))
    customer_id = uuid_of(request.form.get("customer_id", ""))
    back = url_for(".show", bank_line_id=row.id)
    receipt_id = uuid_of(request.form.get("receipt_id", ""))
    if not ids and customer_id is None and receipt_id is None:
        toast("Choose a customer first.", "danger")
        return redirect_to(back)
    body = (
        BankMatchIn(receipt_id=receipt_id)
        if receipt_id is not None
        else BankMatchIn(documents=[PaidDocument(id=one) for one in ids[:50]], customer_id=customer_id)
    )
    return attempt(
        lambda: services.match_line(row.id, body),
        lambda done: go_on(
            f"Matched: {done[1].receipt.number}", url_for(".index"), undo=url_for(".unmatch", bank_line_id=row.id),
            href=url_for("receipts.show", receipt_id=done[1].receipt.id), action="Open",
        ),
        back,
    )  # fmt: skip


@blueprint.post("/lines/<uuid:bank_line_id>/unmatch")
@permits("receipts.write")
def unmatch(bank_line_id: UUID) -> Response:
    """Take a match back, or no longer ignore a line."""
    row = queries.get_line_row(bank_line_id)
    return attempt(
        lambda: services.unmatch_line(row.id),
        lambda _: go_on("Taken back: the line is open again", url_for(".show", bank_line_id=row.id)),
        url_for(".show", bank_line_id=row.id),
    )


@blueprint.post("/lines/<uuid:bank_line_id>/ignore")
@permits("receipts.write")
def ignore(bank_line_id: UUID) -> Response:
    """Say that a line is none of billing's business."""
    row = queries.get_line_row(bank_line_id)
    return attempt(
        lambda: services.ignore_line(row.id),
        lambda _: go_on("Line ignored", url_for(".index"), undo=url_for(".unmatch", bank_line_id=row.id)),
        url_for(".show", bank_line_id=row.id),
    )
