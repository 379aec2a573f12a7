"""The sales of a demo company, made through the services of customers and invoices, in the order of their days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Time, func, literal, select, update

from tracktok.core.db import db
from tracktok.core.money import round_amount
from tracktok.customers.models import ClientType, ServiceType, TaxRate
from tracktok.customers.queries import get_service_type
from tracktok.customers.schemas.catalog import ServiceTypeIn
from tracktok.customers.schemas.customers import ContactIn, CustomerIn
from tracktok.customers.services import (
    create_customer,
    create_service_type,
    default_company,
    patch_company,
    patch_service_type,
)
from tracktok.invoices import services as invoices
from tracktok.invoices.models import DocumentKind, SalesDocument
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.reminders import due_customers
from tracktok.invoices.schemas.documents import CreditNoteIn, InvoiceIn, QuoteIn
from tracktok.invoices.schemas.lines import LineIn, NoteLineIn
from tracktok.invoices.schemas.receipts import AllocationIn, ReceiptIn
from tracktok.invoices.schemas.recurring import RecurringIn
from tracktok.invoices.services import reminder_levels, reminding
from tracktok.invoices.services.paper.keeping import drawn_when_asked
from tracktok.invoices.services.recurring import create_recurring
from tracktok.reports.rules.demo.sales import DemoDocument, DemoPayment, DemoSales

NOON = time(12)
REMINDED_FOR = timedelta(days=60)


def sell(sales: DemoSales, accounts: Mapping[str, UUID], today: date, timezone: str) -> dict[str, Decimal]:
    """Make customers, service types, documents and receipts; what came to each account, by its name."""
    with drawn_when_asked():
        return _Sales(sales, accounts).tell(today, timezone)


class _Sales:
    """The ids of what the story names, and what was done so far."""

    def __init__(self, sales: DemoSales, accounts: Mapping[str, UUID]) -> None:
        self.sales, self.accounts = sales, accounts
        patch_company(default_company(for_update=True), dict(sales.biller))
        kinds = {row.name: row.id for row in db.session.execute(select(ClientType.id, ClientType.name))}
        self.tills = {told.name: told.till for told in sales.customers}
        self.customers = {
            told.name: create_customer(
                CustomerIn.model_validate(
                    {
                        "name": told.name,
                        "client_type_id": kinds.get(told.client_type),
                        "contacts": [ContactIn(name=told.contact, email=str(told.fields.get("email", "")))]
                        if told.contact
                        else None,
                        **told.fields,
                    }
                )
            ).customer.id
            for told in sales.customers
        }
        self.services = self._services()
        self.received: dict[str, Decimal] = defaultdict(Decimal)

    def _services(self) -> dict[str, UUID]:
        known = {row.name: row.id for row in db.session.execute(select(ServiceType.id, ServiceType.name))}
        rates = {row.name: row.id for row in db.session.execute(select(TaxRate.id, TaxRate.name))}
        for told in self.sales.services:
            if told.name in known:
                patch_service_type(get_service_type(known[told.name], for_update=True), {"unit_price": told.price})
                continue
            body = ServiceTypeIn(
                name=told.name,
                hsn_sac=told.hsn_sac,
                unit=told.unit,
                unit_price=told.price,
                tax_rate_id=rates.get(told.tax_rate),
            )
            known[told.name] = create_service_type(body).id
        return known

    def tell(self, today: date, timezone: str) -> dict[str, Decimal]:
        """Day by day: what is issued on it, then what is paid on it. What was offered becomes an invoice at the end."""
        issued, offered = defaultdict(list), []
        due: dict[date, dict[str, list[tuple[UUID, DemoPayment]]]] = defaultdict(lambda: defaultdict(list))
        for told in self.sales.write(today):
            issued[told.day].append(told)
        days = {day for rows in issued.values() for told in rows for day in (told.day, *_days_of(told))}
        for day in sorted(days):
            for told in issued.get(day, ()):
                document_id = self._make(told)
                for payment in told.payments:
                    due[payment.day][told.customer].append((document_id, payment))
                if told.ending in {"invoiced", "written_off"}:
                    offered.append((told, document_id))
            for customer, parts in due.pop(day, {}).items():
                self._receive(day, customer, parts)
            db.session.expunge_all()  # what is written need not be held in memory
        for told, document_id in offered:
            self._end(told, document_id)
        self._date_back(timezone)
        self._remind(today)
        self._repeat(today)
        return dict(self.received)

    def _make(self, told: DemoDocument) -> UUID:
        kind = DocumentKind(told.kind)
        values: dict[str, Any] = {
            "customer_id": self.customers[told.customer],
            "date": told.day,
            "reference": told.reference,
            "exchange_rate": told.rate,
            "lines": [
                LineIn(
                    service_type_id=self.services[line.service],
                    quantity=line.quantity,
                    unit_price=line.price,
                    description=f"{line.service}: {line.text}" if line.text else "",
                )
                for line in told.lines
            ],
        }
        body = (InvoiceIn if kind is DocumentKind.invoice else QuoteIn).model_validate(values)
        if told.ending == "draft":
            return invoices.create_document(kind, body).document.id
        if kind is DocumentKind.quote:
            document_id = invoices.create_document(kind, body).document.id
            invoices.send_quote(document_id)
            return document_id
        written = invoices.create_issued(kind, body)
        document_id = written.document.id
        if told.ending == "void":
            invoices.void_document(get_document(document_id, kind, for_update=True), told.lines[0].text)
        elif told.ending == "credited":
            last = written.lines[-1]
            body_of_note = CreditNoteIn(
                invoice_id=document_id, date=told.day, reason=told.lines[-1].text, lines=[NoteLineIn(line_id=last.id)]
            )
            note = invoices.create_note(DocumentKind.credit_note, body_of_note).document
            invoices.finalize_note(note.id, DocumentKind.credit_note, apply=True)
        return document_id

    def _receive(self, day: date, customer: str, parts: Iterable[tuple[UUID, DemoPayment]]) -> None:
        """One receipt for all that a customer pays on a day."""
        shares, currency, rate = [], "", None
        for document_id, payment in parts:
            document = get_document(document_id, DocumentKind.invoice)
            part = round_amount(document.total * payment.percent / 100, document.currency)
            amount = document.amount_due if payment.percent == 100 else min(part, document.amount_due)
            shares.append(AllocationIn(document_id=document_id, amount=amount))
            currency, rate = document.currency, payment.rate
        body = ReceiptIn(
            customer_id=self.customers[customer],
            receipt_date=day,
            amount=sum((one.amount for one in shares), Decimal(0)),
            currency=currency,
            exchange_rate=rate,
            reference=f"UTR{day:%y%m%d}{int(self.customers[customer]) % 10_000:04}",
            account_id=self.accounts[self.tills[customer]],
            allocations=shares,
        )
        receipt = invoices.record_receipt(body).receipt
        self.received[self.tills[customer]] += receipt.base_amount

    def _end(self, told: DemoDocument, document_id: UUID) -> None:
        if told.ending == "written_off":
            invoices.write_off(document_id, reason="The rest is not worth a reminder")
            return
        invoices.answer_quote(document_id, accepted=True)
        draft = invoices.convert_document(document_id, DocumentKind.quote).document
        invoices.finalize_document(draft.id, DocumentKind.invoice)

    def _date_back(self, timezone: str) -> None:
        """What is dated in the past was issued then: at noon of its day."""
        noon = func.timezone(timezone, SalesDocument.document_date + literal(NOON, Time()))
        db.session.execute(
            update(SalesDocument)
            .where(SalesDocument.finalized_at > noon)
            .values(finalized_at=noon)
            .execution_options(synchronize_session=False)
        )

    def _remind(self, today: date) -> None:
        """What is overdue was reminded of on its days; that of today is left to the worker."""
        db.session.expire_all()
        reminder_levels.count_from(today - REMINDED_FOR)
        for back in range(REMINDED_FOR.days, 0, -1):
            day = today - timedelta(days=back)
            for customer_id, ids in due_customers(day):
                reminding.remind_customer(customer_id, ids, day, by_mail=False)

    def _repeat(self, today: date) -> None:
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        for told in self.sales.recurring:
            line = LineIn(service_type_id=self.services[told.service], quantity=told.quantity, description=told.text)
            plan = {"unit": told.unit, "every": told.every, "action": told.action, "starts_on": first}
            create_recurring(
                RecurringIn.model_validate(
                    {"name": told.name, "customer_id": self.customers[told.customer], "lines": [line], **plan}
                )
            )


def _days_of(told: DemoDocument) -> tuple[date, ...]:
    return tuple(payment.day for payment in told.payments)
