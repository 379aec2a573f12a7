"""Reports > Profit and loss, Balance sheet, Receivables ageing, GST summary: every figure leads to its rows."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request, url_for

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.queries.receivables import MOST_DOCUMENTS, Ageing, ageing_on, open_documents
from tracktok.invoices.rules.ageing import DEFAULT_BUCKETS
from tracktok.invoices.services.return_sheets import SECTIONS
from tracktok.reports.queries import sheets
from tracktok.reports.queries.dashboard import read_range
from tracktok.reports.queries.gst import gst_companies, gst_summary
from tracktok.reports.queries.statements import balance_sheet, day_before, profit_and_loss, year_of
from tracktok.reports.rules.ranges import EARLIEST, LATEST, Preset, Range
from tracktok.reports.rules.statements import EARLIER
from tracktok.tenants.queries import get_current
from tracktok.web.addresses import address
from tracktok.web.exporting import export_name
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.inputs import plain_date
from tracktok.web.render import render
from tracktok.web.sheets import FORMATS, Sheet, sheet_response

from .reports import span_text

blueprint = Blueprint("billing_reports", "tracktok.reports", template_folder="templates", url_prefix="/reports")
PRESETS = [preset for preset in Preset if preset is not Preset.custom]
MOST_CUSTOMERS = 500
_KINDS = {"receipt": "Receipt", "credit_note": "Credit note", "debit_note": "Debit note", "invoice": "Invoice"}


def _today() -> date:
    return clock.today(preferences().timezone)


def _day(name: str) -> date | None:
    found = plain_date(request.args.get(name, ""), preferences().date_format, _today())
    return found if found is not None and EARLIEST <= found <= LATEST else None


def _range() -> tuple[Range, str]:
    """The range of the address (this fiscal year without one), and what is wrong with it."""
    preset = request.args.get("preset") or Preset.fiscal_year.value
    try:
        return read_range(preset, _day("date_from"), _day("date_to")), ""
    except ValueError as error:
        return read_range(Preset.fiscal_year, None, None), str(error)


def _wants_file() -> str:
    wanted = request.args.get("format", "")
    return wanted if wanted in FORMATS else ""


def _file(sheet: Sheet, file_format: str) -> Response:
    name, company = sheet.title.lower().replace(" ", "-"), get_current().name
    return sheet_response(sheet, file_format, export_name(name, company), company)


def _page(template: str, wanted: Range, problem: str, **values: Any) -> Response:
    return render(
        template,
        block={"statement": "statement"},
        range=wanted,
        problem=problem,
        presets=[(preset.value, preset.label) for preset in PRESETS],
        days=Form({"date_from": wanted.span.start, "date_to": wanted.span.end}),
        span_text=span_text(wanted.span),
        before_text=span_text(wanted.before),
        base=preferences().currency,
        files=[(name.upper(), address({"format": name})) for name in FORMATS],
        **values,
    )


@blueprint.get("/profit-and-loss")
@permits("ledger.read")
def profit_and_loss_page() -> Response:
    """What was earned and spent in a range, against the range before."""
    wanted, problem = _range()
    found = profit_and_loss(wanted)
    labels = (span_text(wanted.span), span_text(wanted.before))
    if file_format := _wants_file():
        return _file(sheets.profit_and_loss_sheet(found, labels), file_format)
    days: dict[str, Any] = {"date_from": wanted.span.start.isoformat(), "date_to": wanted.span.end.isoformat()}
    return _page(
        "reports/profit_and_loss.html", wanted, problem, found=found, labels=labels,
        href_of=lambda line: url_for("ledger.account", book_account_id=line.id, **days),
    )  # fmt: skip


@blueprint.get("/balance-sheet")
@permits("ledger.read")
def balance_sheet_page() -> Response:
    """What stood on the accounts at the end of a range, against the day before it began."""
    wanted, problem = _range()
    day, before = wanted.span.end, day_before(wanted)
    found = balance_sheet(day, before)
    if file_format := _wants_file():
        return _file(sheets.balance_sheet_sheet(found, (format_day(day), format_day(before))), file_format)

    def href_of(line: Any) -> str:
        if line.id is not None:
            return url_for("ledger.account", book_account_id=line.id, date_to=day.isoformat())
        year = year_of(day)
        if line.key == EARLIER:
            return url_for("ledger.trial_balance", date_from=year.isoformat(), date_to=day.isoformat())
        return url_for(".profit_and_loss_page", date_from=year.isoformat(), date_to=day.isoformat())

    return _page(
        "reports/balance_sheet.html", wanted, problem, found=found, labels=(format_day(day), format_day(before)),
        href_of=href_of,
    )  # fmt: skip


@blueprint.get("/receivables-ageing")
@permits("invoices.read")
def ageing() -> Response:
    """What customers owe by age, today or as it stood on a past day."""
    day, problem = _ageing_day()
    found = ageing_on(day)
    if file_format := _wants_file():
        return _file(sheets.ageing_sheet(found), file_format)
    bucket = next((one for one in DEFAULT_BUCKETS if one.key == request.args.get("bucket")), None)
    place = DEFAULT_BUCKETS.index(bucket) if bucket else 0
    customers = [one for one in found.customers if bucket is None or one.buckets[place]]
    if bucket:
        customers.sort(key=lambda one: -one.buckets[place])
    return render(
        "reports/ageing.html", block={"statement": "statement"}, found=found, buckets=DEFAULT_BUCKETS, bucket=bucket,
        customers=customers[:MOST_CUSTOMERS], more=max(len(customers) - MOST_CUSTOMERS, 0),
        form=Form({"as_of": found.day}),
        problem=problem, base=preferences().currency, as_of=_as_of(found),
        files=[(name.upper(), address({"format": name})) for name in FORMATS],
    )  # fmt: skip


def _ageing_day() -> tuple[date | None, str]:
    given = request.args.get("as_of", "")
    day = _day("as_of")
    return day, "" if day or not given else "This is no day that can be shown. Receivables stand as of today."


def _as_of(found: Ageing) -> str:
    """The day as addresses carry it; "" for today."""
    return found.day.isoformat() if found.day != _today() else ""


@blueprint.get("/receivables-ageing/<uuid:customer_id>")
@permits("invoices.read")
def ageing_of(customer_id: UUID) -> Response:
    """The documents behind what one customer owes."""
    customer = get_customer(customer_id)
    day, problem = _ageing_day()
    found = ageing_on(day, customer_id)
    rows = open_documents(day, customer_id)
    return render(
        "reports/ageing_of.html", customer=customer, found=found, rows=rows, kinds=_KINDS, problem=problem,
        cut=len(rows) >= MOST_DOCUMENTS, base=preferences().currency, as_of=_as_of(found),
        owing=found.whole, has_page=lambda endpoint: endpoint in current_app.view_functions,
    )  # fmt: skip


@blueprint.get("/gst-summary")
@permits("invoices.read")
def gst() -> Response:
    """Output tax by month, section and rate, beside what the books have of it."""
    companies = gst_companies()
    wanted, problem = _range()
    chosen = _company(companies)
    try:
        found = gst_summary(wanted.span, chosen)
    except Invalid as refusal:
        wanted, problem = read_range(Preset.fiscal_year, None, None), refusal.errors[0].detail
        found = gst_summary(wanted.span, chosen)
    if file_format := _wants_file():
        return _file(sheets.gst_sheet(found, SECTIONS, span_text(wanted.span)), file_format)
    return _page(
        "reports/gst_summary.html", wanted, problem, found=found, sections=SECTIONS, companies=companies, chosen=chosen,
        keep={"company_id": str(chosen)} if chosen else {},
    )  # fmt: skip


def _company(companies: Any) -> UUID | None:
    given = request.args.get("company_id", "")
    if not given:
        return None
    found = next((id_ for id_, _ in companies if str(id_) == given), None)
    if found is None:
        raise NotFound("There is no such company under GST.")
    return found


__all__ = ["blueprint"]
