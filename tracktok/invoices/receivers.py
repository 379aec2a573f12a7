"""What billing does on facts of its own and of others, and what it proves when the books are proved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import url_for

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.errors import Conflict
from tracktok.customers.models import Company, Customer
from tracktok.customers.services.cards import (
    Action,
    Card,
    Tab,
    provide_action,
    provide_balances,
    provide_card,
    provide_tab,
)
from tracktok.customers.signals import company_changing, customer_deleting, customers_in_use
from tracktok.ledger.queries import prove_also
from tracktok.tenants.models import Tenant
from tracktok.tenants.signals import tenant_created
from tracktok.trips.services.offers import Offer, provide_facts, provide_offer
from tracktok.trips.signals import trip_deleting, trips_undoing

from .models import DocumentKind, Receipt, SalesDocument
from .queries import billed_trips, lists, present, standing
from .queries.proving import prove_advances, prove_receivables, prove_settled
from .queries.uses import customers_used, has_billed_under_gst
from .schemas.lists import DocumentQuery
from .services.bank import free_line
from .services.billing_trips import refuse_when_billed, why_billed
from .services.paper.keeping import draw_ahead
from .services.reminder_levels import begin_reminders
from .signals import document_finalized, receipt_voided

LATEST = 5

for prove in (prove_receivables, prove_advances, prove_settled):
    prove_also(prove)


def _standing_of(customer: Any) -> dict[str, Any]:
    today = clock.today(preferences().timezone)
    return {"standings": standing.standings(customer.id, today), "today": today}


def _invoices_of(customer: Any) -> dict[str, Any]:
    today, base = clock.today(preferences().timezone), preferences().currency
    page = lists.list_documents(DocumentKind.invoice, DocumentQuery(customer_id=customer.id, limit=LATEST))
    return {"rows": [present.row(row, today, base) for row in page.rows], "has_more": page.has_more}


provide_card(Card("Account", "invoices/customer_standing.html", _standing_of, permission="receipts.read"))
provide_card(Card("Invoices", "invoices/customer_invoices.html", _invoices_of, permission="invoices.read"))
provide_tab(Tab("Statement", "receipts.statement", "receipts.read"))
provide_action(Action("New invoice", "invoices.new", "file-plus", "invoices.write"))
provide_action(Action("Customer's page", "invoices.customer_page", "link", "invoices.send"))
provide_action(Action("Record payment", "receipts.new", "cash", "receipts.write"))
provide_action(Action("Bill trips", "invoices.trips", "car", "invoices.write"))
provide_balances("receipts.read", standing.balances_of)


def _bills_of(trip_id: UUID) -> list[tuple[str, str, str]]:
    return [
        ("Billed on", row.number or "a draft", url_for("invoices.show", document_id=row.document_id))
        for row in billed_trips.holders_of([trip_id])
    ]


provide_offer(Offer("Bill to customer", "invoices.choose_trips", "file-invoice", "invoices.write"))
provide_facts("invoices", "invoices.read", _bills_of)


@trip_deleting.connect
def _keep_billed_trips(_: Any, trip: Any) -> None:
    refuse_when_billed(trip)


@trips_undoing.connect
def _keep_billed_imports(_: Any, first: UUID, last: UUID) -> str:
    return why_billed(first, last)


@document_finalized.connect
def draw_when_issued(_sender: Any, document: SalesDocument, **_: Any) -> None:
    """Have the file of a document drawn, beside the transaction that gives it its number: numbers are waited for."""
    draw_ahead(document.id)


class CompanyHasBilled(Conflict):
    code, title = "company_has_billed", "This company has issued documents"


@company_changing.connect
def keep_the_registration_that_billed(company: Company, changes: dict[str, Any], **_: Any) -> None:
    """A registration under GST that has issued documents stays what it is.

    Numbers, returns and e-invoices are of a GSTIN (rule 46, section 37 CGST): under another one the same series would
    go on, and past returns would be made in its name. A company that had none may get one, and its name may change:
    documents are snapshots and keep the old one.
    """
    fixed = {"gstin", "state_code", "tax_regime", "registered"} & set(changes)
    if company.gstin and fixed and has_billed_under_gst(company.id):
        raise CompanyHasBilled(
            f"{company.legal_name} has issued documents under {company.gstin}; its numbers and returns are of that"
            " registration. Add another company with the new registration, whose series begin anew, make it the"
            " default, and archive this one."
        )


@tenant_created.connect
def begin_reminders_of_tenant(_tenant: Tenant, **_: Any) -> None:
    """A new tenant finds its levels of reminders."""
    begin_reminders()


class CustomerInUse(Conflict):
    code, title = "in_use", "This customer is in use"


@customer_deleting.connect
def keep_customers_who_were_billed(_sender: Any, customer: Customer, **_: Any) -> None:
    """A customer whom a document or a receipt names stays."""
    if customers_used([customer.id]):
        raise CustomerInUse(f"{customer.name} has documents or receipts. Archive the customer instead.")


@customers_in_use.connect
def tell_customers_who_were_billed(_sender: Any, ids: Iterable[UUID], **_: Any) -> set[UUID]:
    """Those of these customers whom a document or a receipt names, so that an undo of an import leaves them."""
    return customers_used(ids)


@receipt_voided.connect
def open_its_line_again(_sender: Any, receipt: Receipt, **_: Any) -> None:
    """A line of a bank statement whose receipt is void waits to be matched again."""
    free_line(receipt.id)
