"""The lists of sales documents: filters, totals, files, and what is done with several at once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.context import preferences
from tracktok.core.errors import BadRequest
from tracktok.core.permissions import may, permits, require
from tracktok.customers.queries import company_choices, find_customers, names_of
from tracktok.invoices.queries import lists, present
from tracktok.invoices.rules import statuses
from tracktok.invoices.schemas.lists import DocumentQuery
from tracktok.invoices.services import bulk as bulk_services
from tracktok.invoices.services import reminding
from tracktok.web.addresses import address, without
from tracktok.web.filters import format_day, format_money, format_number, plural, today
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast, wants_fragment
from tracktok.web.statuses import words_of

from .blueprint import Section, here, pages

PER_PAGE = 50
MOST_AT_ONCE = 200
_LABELS = {
    "q": "Text",
    "status": "Status",
    "customer_id": "Customer",
    "company_id": "Billed by",
    "date_from": "From",
    "date_to": "To",
    "due_from": "Due from",
    "due_to": "Due to",
    "amount_from": "At least",
    "amount_to": "At most",
    "currency": "Currency",
    "original_id": "Of one document",
    "reminder": "Reminder",
}
_FEW_CUSTOMERS = 50


def read_query(section: Section, args: MultiDict[str, str]) -> tuple[Form[DocumentQuery], DocumentQuery]:
    """The filters of an address: the form that shows them, and what is valid of them."""
    known = {name: args.getlist(name) for name in (*_LABELS, "sort", "cursor") if args.get(name)}
    known["limit"] = [str(PER_PAGE)]
    form = Form.read(DocumentQuery, MultiDict(known))
    allowed = {*statuses.statuses_of(section.kind.value), lists.OPEN, lists.OVERDUE}
    if form.data is not None and form.data.status and form.data.status not in allowed:
        form.add("status", "There is no such status.")
    if form.data is not None and not form.errors:
        return form, form.data
    rest = {name: values for name, values in known.items() if name not in form.errors}
    again = Form.read(DocumentQuery, MultiDict(rest))
    return form, again.data or DocumentQuery(limit=PER_PAGE)


def _chips(section: Section, query: DocumentQuery, companies: list[tuple[Any, ...]]) -> list[tuple[str, str, str]]:
    """(label, words, address without it) of each filter that is set and that no tab shows."""
    chips = []
    for name, label in _LABELS.items():
        value = getattr(query, name)
        if value is None or (name == "status" and value in dict(section.tabs)):
            continue
        if name == "customer_id":
            words = names_of([value]).get(value, "…")
        elif name == "company_id":
            words = next((str(one[1]) for one in companies if one[0] == value), "…")
        elif name == "status":
            words = words_of(value)
        elif name.startswith(("date", "due")):
            words = format_day(value)
        elif name.startswith("amount"):
            words = format_number(value, 2)
        else:
            words = "it" if isinstance(value, UUID) else str(value)
        chips.append((label, words, without(name)))
    return chips


def _figures(section: Section, rows: Any) -> list[tuple[str, str]]:
    """What the filtered set comes to: how many, in all, due; and each other currency apart."""
    base = preferences().currency
    figures = [(section.title, format_number(sum(row.items for row in rows)))]
    figures.append(("Total", format_money(sum((row.base_total for row in rows), Decimal(0)), base)))
    if not section.is_offer:
        word = "Not used" if section.name == "credit_notes" else "Due"
        figures.append((word, format_money(sum((row.base_due for row in rows), Decimal(0)), base)))
    others = [row for row in rows if row.currency != base]
    figures += [(f"In {row.currency}", format_money(row.total, row.currency)) for row in others[:3]]
    return figures


def _tabs(section: Section, now: str | None) -> list[tuple[str, str, bool, None]]:
    return [(label, address({"status": status or None}), (now or "") == status, None) for status, label in section.tabs]


@pages("/")
@permits("invoices.read")
def index() -> Response:
    """A list with its filters, totals and pages."""
    section = here()
    form, query = read_query(section, request.args)
    page = lists.list_documents(section.kind, query)
    base = preferences().currency
    asked: dict[str, Any] = {name: given for name, given in request.args.lists() if name != "cursor"}
    companies = [tuple(row)[:2] for row in company_choices()]
    shown: dict[str, Any] = {"summary": [], "chips": [], "customers": []}
    if not query.cursor:
        chips = _chips(section, query, companies)
        shown = {"summary": _figures(section, totals := lists.totals(section.kind, query)), "chips": chips}
        shown["count"] = sum(row.items for row in totals)
        shown["customers"] = [] if wants_fragment() else customer_options(form.text("customer_id"))
    return render(
        "invoices/index.html",
        block={"documents-list": "list", "documents-more": "rows", "*": "list"},
        section=section,
        rows=[present.row(row, today(), base) for row in page.rows],
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        sort=query.sort,
        base=base,
        form=form,
        tabs_shown=_tabs(section, query.status),
        filtered=bool(shown["chips"]) or bool(query.status),
        clear=url_for(".index"),
        here=asked,
        bulk_action=url_for(".bulk", **asked),
        companies=companies,
        statuses=[(one, words_of(one)) for one in (*statuses.statuses_of(section.kind.value),)],
        most=MOST_AT_ONCE,
        **shown,
    )


def customer_options(chosen: str) -> list[tuple[Any, ...]]:
    """The first customers by name, and the one that is chosen."""
    options: list[tuple[Any, ...]] = [(row.id, row.name, row.code) for row in find_customers("", _FEW_CUSTOMERS)]
    if chosen and chosen not in {str(one[0]) for one in options}:
        try:
            names = names_of([UUID(chosen)])
        except ValueError:
            return options
        options = [*((key, name, "") for key, name in names.items()), *options]
    return options


@pages("/export.<any(csv, xlsx):file_format>")
@permits("invoices.read")
def export(file_format: str) -> Response:
    """All documents that fit the filters of the address, as a file."""
    section = here()
    _, query = read_query(section, request.args)
    return lists.export_documents(section.kind, query, file_format)


@pages("/bulk", methods=("POST",))
@permits("invoices.read")
def bulk() -> Response:
    """Finalize, delete or export the selected documents, or all that match."""
    section = here()
    action = request.form.get("action", "")
    _, query = read_query(section, request.args)
    ids = _chosen(section, query)
    if action in {"csv", "xlsx"}:
        return lists.export_documents(section.kind, query, action, ids=ids)
    if action == "finalize":
        require(section.issues)
        done = bulk_services.finalize_many(section.kind, ids, with_deposits=may("receipts.write"))
        _told(section, done, "sent" if section.name == "quotes" else "finalized")
    elif action == "delete":
        require("invoices.write")
        done = bulk_services.delete_many(section.kind, ids)
        _told(section, done, "deleted")
    elif action == "remind" and section.name in {"invoices", "debit_notes"}:
        require("invoices.send")
        _reminded(section, reminding.remind_many(ids, (section.kind,)))
    else:
        raise BadRequest("Choose what to do with the selected rows.")
    asked: Mapping[str, Any] = {name: values for name, values in request.args.lists() if name != "cursor"}
    return redirect_to(url_for(".index", **asked))


def _chosen(section: Section, query: DocumentQuery) -> list[UUID]:
    if request.form.get("all"):
        return lists.matching_ids(section.kind, query, MOST_AT_ONCE)
    try:
        ids = [UUID(text) for text in request.form.getlist("ids")]
    except ValueError as error:
        raise BadRequest("One of these ids is not understood.") from error
    if not ids:
        raise BadRequest(f"Select one {section.noun} at least.")
    return ids[:MOST_AT_ONCE]


def _told(section: Section, done: bulk_services.BulkDone, word: str) -> None:
    if done.count:
        toast(f"{plural(done.count, section.noun)} {word}")
    left = "left as it is" if len(done.refused) == 1 else "left as they are"
    _refused(section, [f"{name}: {detail}" for name, detail in done.refused], left)


def _reminded(section: Section, done: reminding.Reminded) -> None:
    if done.documents:
        mails = plural(done.mails, "mail")
        toast(f"{plural(done.documents, section.noun)} reminded of, in {mails}")
    said = [detail if name in detail else f"{name}: {detail}" for name, detail in done.refused]
    _refused(section, said, "not reminded of")


def _refused(section: Section, said: list[str], left: str) -> None:
    if said:
        rest = f" And {len(said) - 3} more." if len(said) > 3 else ""
        toast(f"{plural(len(said), section.noun)} {left}. {'; '.join(said[:3])}{rest}", "warning")
