"""The routes /api/v1/bank-statements and /api/v1/bank-lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.invoices.queries import bank as queries
from tracktok.invoices.queries import bank_views as present
from tracktok.invoices.queries.bank_receipts import FAR, unmatched_receipts
from tracktok.invoices.rules.bank_tables import Choices
from tracktok.invoices.rules.matching import suggest
from tracktok.invoices.rules.matching_receipts import suggest_receipts
from tracktok.invoices.schemas import bank as schemas
from tracktok.invoices.services import bank as services
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

statements = Api("bank_statements", __name__, prefix="/bank-statements", tag="Bank")
lines = Api("bank_lines", __name__, prefix="/bank-lines", tag="Bank")
StatementPath = path_of("bank_statement_id")
LinePath = path_of("bank_line_id")


def _id(path: Any) -> UUID:
    found: UUID = path.bank_line_id
    return found


def _line(line_id: UUID) -> Response:
    row = queries.get_line_row(line_id)
    return json_response(present.line(row), etag=row.version)


@statements.post("/", responses={200: schemas.BankReadOut, 201: schemas.BankReadOut})
@permits("receipts.write")
def create(form: schemas.BankStatementUpload) -> Response:
    """Read a file of a bank into an account. Lines that are there already are counted and not added again.

    Answers 200 when the file brought nothing new. A table is read as its headers say, or as last time for this account;
    what it does not say by itself (which column, day or month first, decimal sign) is a 422 at the field to give.
    """
    with form.file.stream as stream:
        done = services.take_statement(
            stream, form.file.filename or "file", form.account_id, bank_account=form.bank_account,
            order=form.date_order, choices=_choices(form),
        )  # fmt: skip
    body = {
        "statements": [present.statement(row) for row in queries.statements_of(done.statements)],
        "added": done.added,
        "repeated": done.repeated,
        "skipped": done.skipped,
        "notes": done.notes,
        "table": _table(done.reading, form) if done.reading else None,
    }
    if not done.statements:
        return json_response(body)
    return json_response(body, 201, location=f"/api/v1/bank-statements/{done.statements[0]}")


@statements.post("/preview", responses={200: schemas.BankTableOut})
@permits("receipts.write")
def preview(form: schemas.BankStatementUpload) -> Response:
    """Look at a table (CSV, XLSX, XLS) before its lines are taken: its columns, what is asked, and the first lines."""
    with form.file.stream as stream:
        found = services.look_at_table(services.read_upload(stream), form.account_id, _choices(form))
    return json_response(_table(found, form))


def _choices(form: schemas.BankStatementUpload) -> Choices:
    mapping = {name: column for name, column in form.mapping.items() if column} if form.mapping is not None else None
    return Choices(
        mapping, form.date_order or "", form.decimal or "", form.header_row, form.delimiter or "", form.sheet or ""
    )


def _table(reading: services.TableReading, form: schemas.BankStatementUpload) -> dict[str, Any]:
    return present.table(reading, is_given=form.mapping is not None)


@statements.get("/", responses={200: list_of(schemas.BankStatementOut)})
@permits("receipts.read")
def list_statements(query: schemas.BankStatementQuery) -> Response:
    """List the statements that were read, the newest first."""
    page = queries.list_statements(query)
    return list_response(page, [present.statement(row) for row in page.rows])


@statements.get("/<uuid:bank_statement_id>", responses={200: schemas.BankStatementOut})
@permits("receipts.read")
def show_statement(path: StatementPath) -> Response:  # type: ignore[valid-type]
    """Get a statement; its lines are `/bank-lines?statement_id=`."""
    return json_response(present.statement(queries.get_statement(path.bank_statement_id)))  # type: ignore[attr-defined]


@lines.get("/", responses={200: list_of(schemas.BankLineOut)})
@permits("receipts.read")
def list_lines(query: schemas.BankLineQuery) -> Response:
    """List lines of statements. Filters may be combined."""
    page = queries.list_lines(query)
    return list_response(page, [present.line(row) for row in page.rows])


@lines.get("/<uuid:bank_line_id>", responses={200: schemas.BankLineOut})
@permits("receipts.read")
def show(path: LinePath) -> Response:  # type: ignore[valid-type]
    """Get a line."""
    return _line(_id(path))


@lines.get("/<uuid:bank_line_id>/suggestions", responses={200: schemas.BankSuggestionsOut})
@permits("receipts.read")
def suggestions(path: LinePath) -> Response:  # type: ignore[valid-type]
    """What an open line may pay, the best first, each with its score out of 100 and its reasons.

    `receipts` are those that were recorded already and that it may be.
    """
    row = queries.get_line_row(_id(path))
    known = unmatched_receipts([row], FAR)
    receipts = suggest_receipts(queries.money_of(row), known, preferences().currency, row.account_id)
    found = suggest(queries.money_of(row), queries.open_documents([row]))
    data = [present.suggestion(one) for one in found]
    said = [present.receipt_suggestion(one) for one in receipts]
    return json_response({"object": "list", "data": data, "receipts": said, "has_more": False, "next_cursor": None})


@lines.post("/<uuid:bank_line_id>/match", responses={200: schemas.BankLineOut})
@permits("receipts.write")
def match(path: LinePath, body: schemas.BankMatchIn) -> Response:  # type: ignore[valid-type]
    """Record a line as a receipt: of the documents that it pays, or of a customer, as money that pays nothing yet.

    With `receipt_id` it is a receipt that was recorded already, over the same amount, and none is made.
    """
    check_if_match(queries.get_line(_id(path)).version)
    services.match_line(_id(path), body)
    return _line(_id(path))


@lines.post("/<uuid:bank_line_id>/unmatch", responses={200: schemas.BankLineOut})
@permits("receipts.write")
def unmatch(path: LinePath) -> Response:  # type: ignore[valid-type]
    """Take a match back: its receipt is void, what it paid is open again; a receipt of before the match stays.

    Also for lines that are ignored.
    """
    check_if_match(queries.get_line(_id(path)).version)
    services.unmatch_line(_id(path))
    return _line(_id(path))


@lines.post("/<uuid:bank_line_id>/ignore", responses={200: schemas.BankLineOut})
@permits("receipts.write")
def ignore(path: LinePath) -> Response:  # type: ignore[valid-type]
    """Say that a line is none of billing's business: it is no longer offered."""
    check_if_match(queries.get_line(_id(path)).version)
    services.ignore_line(_id(path))
    return _line(_id(path))
