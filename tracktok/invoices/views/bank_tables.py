"""The page between a table of a bank and its lines: which column is what, and the first lines as they would be kept."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from tracktok.core.errors import DomainError, NotFound
from tracktok.core.permissions import permits
from tracktok.expenses.queries.accounts import choices as account_choices
from tracktok.imports.rules.tables import DELIMITERS
from tracktok.invoices.queries.bank_views import SHOWN_LINES
from tracktok.invoices.rules.bank_tables import TABLE, Choices
from tracktok.invoices.services import bank as services
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast

from .bank import told
from .entering import uuid_of

blueprint = Blueprint("bank_tables", "tracktok.invoices", template_folder="templates", url_prefix="/bank/tables")
_DATES: Final = [
    ("DMY", "Day first: 31/12/2026"), ("MDY", "Month first: 12/31/2026"), ("YMD", "Year first: 2026-12-31"),
    ("serial", "Spreadsheet day numbers: 46022"),
]  # fmt: skip
_DECIMALS: Final = [(".", "Point: 1,234.50"), (",", "Comma: 1.234,50")]
_PLAIN: Final = ("date_order", "decimal", "header_row", "delimiter", "sheet")


@blueprint.get("/<uuid:file_id>")
@permits("receipts.write")
def show(file_id: UUID) -> Response:
    """How a table is read; what is changed in the form is shown at once."""
    return _page(file_id, _account_of(dict(request.args)), Form({}), request.args)


@blueprint.post("/<uuid:file_id>")
@permits("receipts.write")
def take(file_id: UUID) -> Response:
    """Take the lines, as the form says."""
    services.kept_table(file_id)
    account_id, form = _account_of(request.form.to_dict()), Form[Any](request.form.to_dict())
    try:
        done = services.take_kept_table(file_id, account_id, _choices(request.form))
    except DomainError as refusal:
        form.general.append(refusal.errors[0].detail if refusal.errors else refusal.detail)
        form.status = refusal.status
        return _page(file_id, account_id, form, request.form)
    toast(told(done), "warning" if done.notes else "success")
    return redirect_to(url_for("bank.index", account_id=account_id))


def _account_of(values: dict[str, str]) -> UUID:
    found = uuid_of(values.get("account_id", ""))
    if found is None:
        raise NotFound("There is no such account.")
    return found


def _choices(values: Any) -> Choices:
    """What the form says; nothing at all when it was not sent."""
    if "has_columns" not in values:
        return Choices()
    mapping = {one.name: column for one in TABLE.fields if (column := values.get(f"column-{one.name}", ""))}
    row = values.get("header_row", "").strip()
    delimiter = values.get("delimiter", "")
    return Choices(
        mapping,
        date_form=values.get("date_order", "") if values.get("date_order") in dict(_DATES) else "",
        decimal=values.get("decimal", "") if values.get("decimal") in dict(_DECIMALS) else "",
        header_row=int(row) if row.isdecimal() and len(row) < 5 else None,
        delimiter=delimiter if delimiter in DELIMITERS else "",
        sheet=values.get("sheet", ""),
    )


def _page(file_id: UUID, account_id: UUID, form: Form[Any], values: Any) -> Response:
    file = services.kept_table(file_id)
    account = next((row for row in account_choices() if row.id == account_id), None)
    if account is None:
        raise NotFound("There is no such account.")
    choices = _choices(values)
    try:
        found = services.look_at_table(file_id, account_id, choices)
    except DomainError as refusal:  # a header row that leaves no row, a column that another header does not have
        form.general.append(refusal.errors[0].detail if refusal.errors else refusal.detail)
        plain = Choices(header_row=choices.header_row, delimiter=choices.delimiter, sheet=choices.sheet)
        try:
            found = services.look_at_table(file_id, account_id, plain)
        except DomainError:
            found = services.look_at_table(file_id, account_id, Choices())
    read, asked = found.read, {one.option for one in found.plan.questions}
    shown: Form[Any] = Form({
        **{name: values.get(name, "") for name in _PLAIN},
        "date_order": values.get("date_order") or str(found.plan.options.get("date_form") or ""),
        "decimal": values.get("decimal") or str(found.plan.options.get("decimal") or ""),
        "header_row": str(found.facts["header_row"]),
        **{f"column-{name}": column for name, column in found.plan.mapping.items()},
    })  # fmt: skip
    shown.general, shown.status = form.general, form.status
    lines = read.statement.lines if read else []
    return render(
        "invoices/bank_table.html", block={"bank-table": "reading", "*": "reading"}, status=shown.status, form=shown,
        file=file, account=account, found=found, read=read, fields=TABLE.fields, asked=asked, dates=_DATES,
        decimals=_DECIMALS, delimiters=list(DELIMITERS.items()), lines=lines[:SHOWN_LINES], count=len(lines),
        sheets=[(one, one) for one in found.facts.get("sheets", [])],
        source="As last time for this account" if found.is_remembered
        else "As chosen" if choices.mapping is not None else "Guessed from headers and content",
        columns_offered=[(one["name"], one["name"]) for one in found.columns],
    )  # fmt: skip
