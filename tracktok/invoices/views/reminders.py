"""Settings > Reminders: the levels with their words; and reminders of a document, sent or stopped by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.models import ReminderLevel, SalesDocument
from tracktok.invoices.queries import reminder_views
from tracktok.invoices.queries import reminders as queries
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.parties import find_customer
from tracktok.invoices.queries.recipients import REMINDERS, recipients_of
from tracktok.invoices.rules import dunning
from tracktok.invoices.schemas.reminders import ReminderLevelForm, RemindIn, StatementMailIn
from tracktok.invoices.services import reminder_levels as services
from tracktok.invoices.services import reminding, statement_mail
from tracktok.tenants.queries import get_current
from tracktok.web.filters import format_day, format_money, plural, today
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import here, pages
from .receipts import blueprint as receipts

blueprint = Blueprint("reminders", "tracktok.invoices", template_folder="templates", url_prefix="/settings/reminders")
OWED = ("invoices", "debit_notes")


# Settings -----------------------------------------------------------------------------------------------------------


@blueprint.get("/")
@permits("invoices.read")
def index() -> Response:
    """The levels, and whether any goes out."""
    return render(
        "invoices/reminder_levels.html",
        levels=queries.levels(),
        is_on=queries.is_on(),
        waiting=queries.count_waiting(today()),
        when=dunning.words_of_days,
    )


@blueprint.post("/switch")
@permits("companies.write")
def switch_all() -> Response:
    """Let reminders go by themselves, or let none go."""
    is_on = request.form.get("is_on") == "true"
    services.switch_reminders(is_on=is_on)
    return go_on("Reminders are on" if is_on else "Reminders are off", url_for(".index"))


@blueprint.get("/new")
@permits("companies.write")
def new() -> Response:
    """An empty form, with words to begin with."""
    words = dunning.DEFAULTS[2]
    return _page(Form({"side": "after", "is_active": True, "subject": words.subject, "message": words.message}))


def _page(form: Form[Any], found: ReminderLevel | None = None) -> Response:
    return render(
        "invoices/reminder_level_form.html", block="form", status=form.status, form=form, found=found,
        placeholders=dunning.PLACEHOLDERS, **_shown(form),
    )  # fmt: skip


@blueprint.post("/")
@permits("companies.write")
def create() -> Response:
    """Make a level."""
    return save(
        Form.read(ReminderLevelForm),
        lambda body: services.create_level(body.as_level()),
        lambda made: go_on(f"“{made.name}” added", url_for(".index")),
        _page,
    )


@blueprint.get("/<uuid:reminder_level_id>")
@permits("companies.write")
def edit(reminder_level_id: UUID) -> Response:
    """The form of a level."""
    found = queries.get_level(reminder_level_id)
    values = {name: getattr(found, name) for name in ("name", "subject", "message", "is_active")}
    side = "before" if found.days < 0 else "after"
    return _page(Form({**values, "days": abs(found.days), "side": side}), found)


@blueprint.post("/<uuid:reminder_level_id>")
@permits("companies.write")
def update(reminder_level_id: UUID) -> Response:
    """Change a level."""
    found = queries.get_level(reminder_level_id, for_update=True)
    return save(
        Form.read(ReminderLevelForm),
        lambda body: services.change_level(found, body.as_level()),
        lambda _: go_on(f"“{found.name}” saved", url_for(".index")),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/<uuid:reminder_level_id>/switch")
@permits("companies.write")
def switch(reminder_level_id: UUID) -> Response:
    """Send a level, or leave it out."""
    found = queries.get_level(reminder_level_id, for_update=True)
    services.switch_level(found, is_active=not found.is_active)
    return go_on(f"“{found.name}” is {'on' if found.is_active else 'off'}", url_for(".index"))


@blueprint.post("/<uuid:reminder_level_id>/delete")
@permits("companies.write")
def delete(reminder_level_id: UUID) -> Response:
    """Delete a level."""
    found = queries.get_level(reminder_level_id, for_update=True)
    services.delete_level(found)
    return go_on(f"“{found.name}” deleted", url_for(".index"))


@blueprint.get("/preview")
@permits("companies.write")
def preview() -> Response:
    """The mail as a customer would get it: a part of the form."""
    form: Form[Any] = Form(
        {name: request.args.get(name, "")[:5_000] for name in ("subject", "message", "days", "side")}
    )
    return render("invoices/reminder_preview.html", **_shown(form))


def _shown(form: Form[Any]) -> dict[str, Any]:
    """What the preview shows: the words, filled for an invoice that would get them, or what is wrong with them."""
    subject, message = form.text("subject"), form.text("message")
    for text in (subject, message):
        if problem := dunning.problem_of(text):
            return {"problem": problem, "shown": None}
    days = int(form.text("days")) if form.text("days").isdigit() else 7
    days = -days if form.text("side") == "before" else days
    sample = _sample(min(days, dunning.LATEST))
    mail = {
        "subject": dunning.fill(subject, sample["values"]),
        "paragraphs": dunning.fill(message, sample["values"]).split("\n\n"),
        "link_shown": "{link}" not in message,
        **sample,
    }
    return {"problem": "", "shown": mail}


def _sample(days: int) -> dict[str, Any]:
    """An invoice that is so many days overdue."""
    due = today() - timedelta(days=days)
    amount = format_money("11800.00")
    values = {
        "customer": "Bluepeak Foods",
        "number": "INV-00042",
        "amount_due": amount,
        "due_date": format_day(due),
        "days_overdue": str(max(0, days)),
        "link": "https://…/portal/…",
        "company": get_current().name,
    }
    row = {"number": "INV-00042", "due": format_day(due), "state": reminding.state_of(due, today()), "amount": amount}
    return {"values": values, "rows": [row]}


# Of a document ------------------------------------------------------------------------------------------------------


def card_of(document: SalesDocument) -> dict[str, Any] | None:
    """What the page of a document shows of its reminders; None where nothing is to be reminded of."""
    if document.kind not in reminding.OWED or document.number is None:
        return None
    found = reminder_views.reminders_of(document)
    return None if found["rests"] == "not_open" and not found["sent"] else found


@pages("/<uuid:document_id>/remind", of=OWED)
@permits("invoices.send")
def reminding_of(document_id: UUID) -> Response:
    """Ask before a reminder is sent by hand: to whom, and with which words."""
    document = get_document(document_id, here().kind)
    if card_of(document) is None or reminder_views.reminders_of(document)["rests"] == "not_open":
        return go_on("Nothing is open on it", url_for(".show", document_id=document_id))
    customer = find_customer(document.customer_id)
    _, subject, message = reminding.proposed(document)
    to = recipients_of(customer, REMINDERS) if customer is not None else []
    return _ask(document, Form({"to": ", ".join(to), "subject": subject, "message": message}))


def _ask(document: SalesDocument, form: Form[Any]) -> Response:
    level, _, _ = reminding.proposed(document)
    return render(
        "invoices/remind.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        section=here(), document=document, level=level, found=reminder_views.reminders_of(document),
    )  # fmt: skip


@pages("/<uuid:document_id>/remind", methods=("POST",), of=OWED)
@permits("invoices.send")
def remind(document_id: UUID) -> Response:
    """Send a reminder now. The page has said what speaks against it."""
    document = get_document(document_id, here().kind, for_update=True)
    form = Form.read(RemindIn, force=True)
    if form.data is not None and form.data.to is None:
        form.data.to = []
    return save(
        form,
        lambda body: reminding.remind(document_id, here().kind, body),
        lambda to: go_on(
            f"A reminder of {document.number} is on its way to "
            f"{to[0] if len(to) == 1 else plural(len(to), 'address', 'addresses')}",
            url_for(".show", document_id=document_id),
        ),
        lambda refused: _ask(document, refused),
    )


@pages("/<uuid:document_id>/stop-reminders", methods=("POST",), of=OWED)
@permits("invoices.send")
def stop_reminders(document_id: UUID) -> Response:
    """Send no reminders of a document any more, or again."""
    document = get_document(document_id, here().kind, for_update=True)
    stopped = request.form.get("stopped", "true") == "true"
    back = url_for(".show", document_id=document_id)
    return attempt(
        lambda: reminding.stop_reminders(document, stopped=stopped),
        lambda _: go_on(
            f"{document.number}: {'no reminders are sent' if stopped else 'reminders are sent again'}", back
        ),
        back,
    )


# Statements ---------------------------------------------------------------------------------------------------------


@receipts.get("/statement/<uuid:customer_id>/send")
@permits("invoices.send")
def sending_statement(customer_id: UUID) -> Response:
    """Ask before a statement is mailed: to whom, over which days, and with which words."""
    customer = get_customer(customer_id)
    body = StatementMailIn.model_validate({})
    start, until = statement_mail.days_of(body)
    days = {"date_from": request.args.get("from") or start, "date_to": request.args.get("to") or until}
    words = {"subject": statement_mail.subject_of(body), "message": statement_mail.message_of(customer)}
    return _ask_statement(customer, Form({"to": ", ".join(recipients_of(customer)), **words, **days}))


def _ask_statement(customer: Any, form: Form[Any]) -> Response:
    return render(
        "invoices/statement_send.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        customer=customer,
    )  # fmt: skip


@receipts.post("/statement/<uuid:customer_id>/send")
@permits("invoices.send")
def send_statement(customer_id: UUID) -> Response:
    """Mail a customer's statement of account."""
    customer = get_customer(customer_id)
    form = Form.read(StatementMailIn)
    if form.data is not None and form.data.to is None:
        form.data.to = []
    return save(
        form,
        lambda body: statement_mail.send_statement(customer, body),
        lambda to: go_on(
            f"The statement is on its way to {to[0] if len(to) == 1 else plural(len(to), 'address', 'addresses')}",
            url_for(".statement", customer_id=customer_id),
        ),
        lambda refused: _ask_statement(customer, refused),
    )
