"""Reminders are sent: one mail for each customer and day, each level of a document once.

Documents are locked before it is decided (in the order of their ids, as everywhere), and what is sent is written in
the same transaction as the mail in the outbox: two runs at once, or a worker that is killed, send it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tracktok.audit.services import record
from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError, NotFound
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import Customer
from tracktok.documents.queries import get_file
from tracktok.invoices.models import DocumentKind, Reminder, ReminderLevel, ReminderMail, SalesDocument
from tracktok.invoices.queries import documents as documents_queries
from tracktok.invoices.queries import parties
from tracktok.invoices.queries import reminders as queries
from tracktok.invoices.queries.recipients import REMINDERS, recipients_of, recipients_of_many
from tracktok.invoices.queries.reminder_views import rest_of
from tracktok.invoices.rules import dunning
from tracktok.invoices.schemas.reminders import RemindIn
from tracktok.notifications.services import send_template
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_day, format_money

from .deriving import today
from .paper import keep_pdf
from .portal import portal_link
from .sending import check_addresses
from .telling import ATTENTION, tell_people

OWED = (DocumentKind.invoice, DocumentKind.debit_note)


class ReminderRests(Conflict):
    code, title = "reminder_rests", "No reminder goes out of this"


class RemindedToday(Conflict):
    code, title = "reminded_today", "It was reminded today"


@dataclass(frozen=True, slots=True)
class Due:
    """A document and the level that it is reminded with; `counts`: it is the level's own reminder."""

    document: SalesDocument
    level: Any
    counts: bool = True


@dataclass(slots=True)
class Reminded:
    """What was sent, and what was not: (document, why)."""

    mails: int = 0
    documents: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def remind_customer(customer_id: UUID, ids: Iterable[UUID], day: date, *, by_mail: bool = True) -> int:
    """Send what is due to a customer by itself, in one mail; returns of how many documents.

    Looks at each document anew, locked: what was paid, disputed or reminded meanwhile is left out. Without `by_mail` it
    is only noted, for a past that is told (the demo).
    """
    documents = documents_queries.lock_documents(ids)
    customer = parties.find_customer(customer_id)
    levels, sent = queries.levels(only_active=True), queries.sent_of(documents)
    due = [
        Due(one, level)
        for one in documents.values()
        if rest_of(one, customer, day) is None
        and all(row.sent_on != day for row in sent[one.id].rows)
        and (level := dunning.due_level(levels, sent[one.id].owed(one), day)) is not None
    ]
    if not due or customer is None:
        return 0
    to = recipients_of(customer, REMINDERS)
    if not to:
        if by_mail:
            _tell_of_no_address(customer, due, sent)
        return 0
    return len(due) if _send(customer, due, to, day, is_automatic=True, by_mail=by_mail) else 0


def remind(document_id: UUID, kind: DocumentKind, body: RemindIn) -> list[str]:
    """Send a reminder of one document by hand; returns the addresses.

    Raises ReminderRests (409; `force` sends it though it is disputed, promised or stopped), RemindedToday (409),
    Invalid at `to`.
    """
    document = documents_queries.get_document(document_id, kind, for_update=True)
    customer = parties.find_customer(document.customer_id)
    due = _by_hand(document, customer, queries.sent_of([document.id])[document.id], queries.levels(), force=body.force)
    if customer is None:  # the keys of the database do not allow it
        raise LookupError("a document without its customer")
    to = check_addresses(body.to if body.to is not None else recipients_of(customer, REMINDERS))
    _send(customer, [due], to, today(), subject=body.subject.strip(), message=body.message.strip())
    return to


def remind_many(ids: Iterable[UUID], kinds: Sequence[DocumentKind] = OWED) -> Reminded:
    """Send reminders of documents by hand: each customer gets one mail. What rests or is not due is told."""
    done = Reminded()
    documents = documents_queries.lock_documents(dict.fromkeys(ids))
    customers = parties.find_customers({one.customer_id for one in documents.values()})
    sent, levels = queries.sent_of(documents), queries.levels()
    wanted: dict[UUID, list[Due]] = {}
    for one in documents.values():
        if one.kind not in kinds or one.deleted_at is not None:
            raise NotFound(f"There is no such {kinds[0].label.lower()}.")
        try:
            due = _by_hand(one, customers.get(one.customer_id), sent[one.id], levels)
        except DomainError as refusal:
            done.refused.append((_name(one), refusal.detail))
            continue
        wanted.setdefault(one.customer_id, []).append(due)
    if len(documents) < len(set(ids)):
        raise NotFound(f"There is no such {kinds[0].label.lower()}.")
    addresses = recipients_of_many([customers[one] for one in wanted], REMINDERS)
    for customer_id, parts in wanted.items():
        to = addresses[customer_id]
        if not to:
            done.refused += [(_name(one.document), "The customer has no e-mail address.") for one in parts]
            continue
        _send(customers[customer_id], parts, to, today())
        done.mails += 1
        done.documents += len(parts)
    return done


def stop_reminders(document: SalesDocument, *, stopped: bool) -> SalesDocument:
    """Send no reminders of a document any more, or again; locked by the caller. Raises ReminderRests for no invoice."""
    if document.kind not in OWED:
        raise ReminderRests("Only what is owed is reminded of.")
    document.reminders_stopped = stopped
    db.session.flush()
    db.session.refresh(document)
    return document


def proposed(document: SalesDocument) -> tuple[Any, str, str]:
    """The level of a reminder by hand, with its subject and message filled in."""
    level = _level_by_hand(document, queries.sent_of([document.id])[document.id], queries.levels())
    customer = parties.find_customer(document.customer_id)
    values = values_of(customer, [document], today())
    return level, dunning.fill(level.subject, values), dunning.fill(level.message, values)


def values_of(customer: Customer | None, documents: Sequence[SalesDocument], day: date) -> Mapping[str, str]:
    """What the placeholders say of a customer's documents."""
    link = portal_link(customer, documents[0] if len(documents) == 1 else None) if customer else ""
    return {
        "customer": customer.name if customer else "",
        "number": dunning.listed([one.number or "" for one in documents]),
        "amount_due": sums_of(documents),
        "due_date": format_day(min(one.due_date or one.document_date for one in documents)),
        "days_overdue": str(max(0, *((day - (one.due_date or one.document_date)).days for one in documents))),
        "link": link,
        "company": company_of(documents),
    }


def sums_of(documents: Iterable[SalesDocument]) -> str:
    """What is open of documents, in each currency."""
    sums: dict[str, Decimal] = {}
    for one in documents:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount_due
    return dunning.listed([format_money(amount, currency) for currency, amount in sums.items()], most=9)


def company_of(documents: Sequence[SalesDocument]) -> str:
    """Who reminds: the company that billed, or the tenant when several did."""
    names = {one.snapshot["company"]["legal_name"] for one in documents}
    return str(names.pop()) if len(names) == 1 else get_current().name


def state_of(due_date: date, day: date) -> str:
    """How a document stands, in a mail: "7 days overdue"."""
    days = (day - due_date).days
    if days == 0:
        return "due today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{count} overdue" if days > 0 else f"due in {count}"


def _by_hand(
    document: SalesDocument,
    customer: Customer | None,
    sent: queries.Sent,
    levels: Sequence[Any],
    *,
    force: bool = False,
) -> Due:
    rest = rest_of(document, customer, today())
    if rest is not None and (rest[0] == "not_open" or not force):
        raise ReminderRests(f"{_name(document)}: {rest[1]}")
    if any(row.sent_on == today() for row in sent.rows):
        raise RemindedToday(f"{document.number} was reminded today already.")
    level = _level_by_hand(document, sent, levels)
    known = level.id is not None and level.id not in {row.level_id for row in sent.rows}
    return Due(document, level, counts=known)


def _level_by_hand(document: SalesDocument, sent: queries.Sent, levels: Sequence[Any]) -> Any:
    """The level whose words fit a document today: the highest that has come, of those that are sent if there is one."""
    owed, now = sent.owed(document), today()
    fresh = dunning.Owed(owed.due_date, owed.issued_on)
    found = dunning.due_level([one for one in levels if one.is_active], fresh, now, by_hand=True)
    if found is None:
        come = [one for one in levels if one.days >= 0 and dunning.day_of(one, owed) <= now]
        before = [one for one in levels if one.days < 0]
        found = min(come, key=lambda one: one.days) if come else max(before, key=lambda one: one.days, default=None)
    if found is None or (found.days < 0 and now > owed.due_date):
        default = next(one for one in dunning.DEFAULTS if (one.days >= 0) == (now > owed.due_date))
        found = ReminderLevel(id=None, **{name: getattr(default, name) for name in _WORDS})
    return found


_WORDS = ("days", "name", "subject", "message")


def _name(document: SalesDocument) -> str:
    return document.number or "A draft"


def _send(
    customer: Customer, due: Sequence[Due], to: Sequence[str], day: date, *, is_automatic: bool = False,
    subject: str = "", message: str = "", by_mail: bool = True,
) -> bool:  # fmt: skip
    """Write what is sent, and the mails. False when the customer's mail of the day went out in another run."""
    due = sorted(due, key=lambda one: (one.document.due_date or one.document.document_date, one.document.id))
    documents = [one.document for one in due]
    words = max(due, key=lambda one: one.level.days).level
    values = values_of(customer, documents, day)
    heading = dunning.fill(subject or words.subject, values)
    mail_id, who = new_id(), context.actor()
    made = db.session.execute(
        insert(ReminderMail)
        .values(
            tenant_id=current_tenant_id(),
            id=mail_id,
            customer_id=customer.id,
            sent_on=day,
            is_automatic=is_automatic,
            to_addresses=list(to),
            subject=heading,
            sent_by=who.person_id if who else None,
        )
        .on_conflict_do_nothing()
        .returning(ReminderMail.id)
    ).scalar_one_or_none()
    if made is None:
        return False
    db.session.add_all(
        Reminder(
            id=new_id(),
            mail_id=mail_id,
            document_id=one.document.id,
            level_id=one.level.id if one.counts else None,
            level_name=one.level.name,
            level_days=one.level.days,
            sent_on=day,
            amount_due=one.document.amount_due,
        )
        for one in due
    )
    db.session.flush()
    if not by_mail:
        return True
    for one in due:
        number, told = one.document.number or "", {"reminder": one.level.name, "to": ", ".join(to)}
        record("reminded", "sales_documents", one.document.id, number, {"reminder": "", "to": ""}, told)
    _mail(mail_id, customer, due, to, heading, dunning.fill(message or words.message, values), day)
    return True


def _mail(
    mail_id: UUID, customer: Customer, due: Sequence[Due], to: Sequence[str], heading: str, message: str, day: date
) -> None:
    documents = [one.document for one in due]
    only = documents[0] if len(documents) == 1 else None
    attachment = None
    if only is not None and (file_id := keep_pdf(only.id).pdf_file_id) is not None:
        file = get_file(file_id)
        attachment = (file.storage_key, file.filename)
    for address in to:
        send_template(
            "invoices/reminder",
            address,
            once_key=f"reminder:{mail_id}:{address}",
            attachment=attachment,
            **said_in_mail(customer, documents, heading, message, day),
        )


def said_in_mail(
    customer: Customer, documents: Sequence[SalesDocument], heading: str, message: str, day: date
) -> dict[str, Any]:
    """What the template of a reminder wants."""
    only, page = documents[0] if len(documents) == 1 else None, portal_link(customer)
    return {
        "heading": heading,
        "message": message,
        "link": f"{page}/documents/{only.id}" if only is not None else page,
        "number": only.number if only else "",
        "company": company_of(documents),
        "total": sums_of(documents),
        "rows": [
            {
                "number": one.number,
                "href": f"{page}/documents/{one.id}",
                "due": format_day(one.due_date or one.document_date),
                "state": state_of(one.due_date or one.document_date, day),
                "amount": format_money(one.amount_due, one.currency),
            }
            for one in documents
        ],
    }


def _tell_of_no_address(customer: Customer, due: Sequence[Due], sent: Mapping[UUID, queries.Sent]) -> None:
    """Those who send documents learn that a customer cannot be reminded: once, and again when a further level comes."""
    latest = max(
        due, key=lambda one: (dunning.day_of(one.level, sent[one.document.id].owed(one.document)), one.document.id)
    )
    number, others = latest.document.number or "", len(due) - 1
    tell_people(
        "invoices.send",
        ATTENTION,
        f"{number}{f' and {others} more' if others else ''} could not be reminded",
        f"{customer.name} has no e-mail address for reminders.",
        f"/customers/{customer.id}",
        f"unreminded:{latest.document.id}:{latest.level.id}",
    )
