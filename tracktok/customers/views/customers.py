"""Customers: the list, one of them, the bin, files, and what other pages' fields find."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, current_app, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries.history import Happening, history_of, history_of_parts
from tracktok.core import clock
from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.queries.exports import export_customers
from tracktok.customers.rules.states import INDIA
from tracktok.customers.schemas.customers import CustomerQuery
from tracktok.web.addresses import address, without
from tracktok.web.api import json_response
from tracktok.web.forms import Form
from tracktok.web.render import render, wants_fragment

from . import choices, words
from .blueprint import blueprint

PER_PAGE = 50
_LABELS = {
    "q": "Text",
    "client_type_id": "Type",
    "account_manager_id": "Manager",
    "price_list_id": "Price list",
    "gst_category": "GST",
    "state_code": "State",
    "archived": "Archived",
    "country": "Country",
    "currency": "Currency",
    "import_id": "Import",
}


def read_query(args: MultiDict[str, str]) -> tuple[Form[CustomerQuery], CustomerQuery]:
    """The filters of an address: the form that shows them, and what is valid of them. Archived ones only if asked."""
    names = [name for name in CustomerQuery.model_fields if name not in {"limit", "format", "fields"}]
    known = {name: args.getlist(name) for name in names if args.get(name)}
    known |= {"limit": [str(PER_PAGE)], "sort": known.get("sort", ["name"])}
    if "archived" not in args:
        known["archived"] = ["false"]
    form = Form.read(CustomerQuery, MultiDict(known))
    if form.data is not None:
        return form, form.data
    rest = {name: values for name, values in known.items() if name not in form.errors}
    again = Form.read(CustomerQuery, MultiDict(rest))
    return form, again.data or CustomerQuery(limit=PER_PAGE, sort="name")


def _chips(query: CustomerQuery, offered: dict[str, Any]) -> list[tuple[str, str, str]]:
    lists = {
        "client_type_id": offered["client_types"],
        "account_manager_id": offered["managers"],
        "price_list_id": offered["price_lists"],
        "gst_category": offered["categories"],
        "state_code": offered["states"],
    }
    found = []
    for name, label in _LABELS.items():
        value = getattr(query, name)
        if value is None or value == "" or (name == "archived" and value is False):
            continue
        text = str(getattr(value, "value", value))
        if name in lists:
            text = next((str(one[1]) for one in lists[name] if str(one[0]) == text), "…")
        elif name == "archived":
            text = "only those"
        elif name == "import_id":
            text = "one file"
        found.append((label, text, without(name)))
    return found


@blueprint.get("/customers")
@permits("customers.read")
def index() -> Response:
    """The list with its filters and pages."""
    form, query = read_query(request.args)
    page = queries.list_customers(query)
    first = not (query.cursor and wants_fragment())
    offered = choices.for_filters() if first else {}
    chips = _chips(query, offered) if first else []
    here: dict[str, Any] = {name: given for name, given in request.args.lists() if name != "cursor"}
    return render(
        "customers/index.html",
        block={"customers-list": "list", "customers-more": "rows", "*": "list"},
        page=page,
        balances=services.balances_of(row.id for row in page.rows),
        count=queries.count_matching(query) if first else None,
        indian=services.default_company().country == INDIA,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        sort=query.sort,
        form=form,
        chips=chips,
        clear=url_for(".index"),
        here=here,
        words=words,
        has_page=lambda name: name in current_app.view_functions,
        **offered,
    )


@blueprint.get("/customers/<uuid:customer_id>")
@permits("customers.read")
def show(customer_id: UUID) -> Response:
    """A customer: what is known, what areas above show of it; contacts and addresses, or the history, by `tab`."""
    row = queries.get_customer_row(customer_id, deleted=True)
    wanted = request.args.get("tab", "")
    tab = wanted if wanted in {"people", "history"} else "overview"
    contacts, addresses = queries.contacts_of(customer_id), queries.addresses_of(customer_id)
    balances = services.balances_of([customer_id])
    company = services.default_company()
    return render(
        "customers/show.html",
        block={"peek-body": "record", "customer-tabs": "record", "*": "record"},
        customer=row,
        tab=tab,
        contacts=contacts,
        addresses=addresses,
        balance=balances.get(customer_id) if balances is not None else None,
        tabs_shown=_tabs(customer_id, tab, len(contacts) + len(addresses)),
        actions=services.actions(),
        cards=services.cards_of(row) if tab == "overview" else [],
        history=_history(customer_id, contacts, addresses) if tab == "history" else [],
        price_list=queries.get_price_list(row.price_list_id) if row.price_list_id else None,
        twins=services.twins_of(row) if tab == "overview" and row.deleted_at is None else [],
        company=company,
        indian=company.country == INDIA,
        words=words,
    )


def _history(customer_id: UUID, contacts: Any, addresses: Any) -> list[Happening]:
    """What happened to a customer, their contacts and addresses, the newest first."""
    found = [
        *history_of("customers", customer_id),
        *history_of_parts("customer_contacts", "customer_id", customer_id, {one.id: one.name for one in contacts}),
        *history_of_parts("customer_addresses", "customer_id", customer_id, {one.id: one.label for one in addresses}),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:100]


def _tabs(customer_id: UUID, now: str, people: int) -> list[tuple[str, str, bool, int | None]]:
    def here(tab: str) -> str:
        query: dict[str, Any] = {"tab": tab} if tab != "overview" else {}
        return url_for(".show", customer_id=customer_id, **query)

    above = [
        (tab.label, url_for(tab.endpoint, customer_id=customer_id), False, count)
        for tab, count in services.tabs_of(customer_id)
        if tab.endpoint in current_app.view_functions
    ]
    return [
        ("Overview", here("overview"), now == "overview", None),
        *above,
        ("Contacts and addresses", here("people"), now == "people", people or None),
        ("History", here("history"), now == "history", None),
    ]


@blueprint.get("/customers/bin")
@permits("customers.write")
def bin_index() -> Response:
    """What was deleted in the last 30 days."""
    rows = queries.deleted_customers(clock.now() - timedelta(days=services.DAYS_IN_BIN))
    return render("customers/bin.html", rows=rows)


@blueprint.get("/customers/export.<any(csv, xlsx):file_format>")
@permits("customers.read")
def export(file_format: str) -> Response:
    """All customers that fit the filters of the address, as a file."""
    _, query = read_query(request.args)
    return export_customers(query, file_format)


@blueprint.get("/customers/find")
@permits("customers.read")
def find() -> Response:
    """Customers by part of name, code or GSTIN, for fields that search."""
    rows = queries.find_customers(request.args.get("q", "")[:200])
    found = [
        {"value": str(row.id), "label": row.name, "note": " · ".join(part for part in (row.code, row.city) if part)}
        for row in rows
    ]
    return json_response(found)
