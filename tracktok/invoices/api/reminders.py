"""Levels of reminders; reminders of documents: sent, coming, stopped; statements by mail."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers.queries import get_customer
from tracktok.invoices.models import DocumentKind
from tracktok.invoices.queries import reminder_views as present
from tracktok.invoices.queries import reminders as queries
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.schemas import documents as document_schemas
from tracktok.invoices.schemas import reminders as schemas
from tracktok.invoices.services import reminder_levels as levels_services
from tracktok.invoices.services import reminding
from tracktok.invoices.services.deriving import today
from tracktok.invoices.services.statement_mail import send_statement
from tracktok.web.api import Api, check_if_match, json_response, path_of

from . import answers

levels = Api("reminder_levels", __name__, prefix="/reminder-levels", tag="Reminders")
settings = Api("reminder_settings", __name__, prefix="/reminder-settings", tag="Reminders")
documents = Api("reminders", __name__, prefix="", tag="Reminders")
customers = Api("statement_mails", __name__, prefix="/customers", tag="Customers")
LevelPath = path_of("reminder_level_id")
OwedPath = path_of("owed_id")
CustomerPath = path_of("customer_id")


@levels.get("/", responses={200: schemas.ReminderLevelList})
@permits("invoices.read")
def list_levels() -> Response:
    """List the levels of reminders, in the order of their days."""
    data = [present.level(one) for one in queries.levels()]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@levels.post("/", responses={201: schemas.ReminderLevelOut})
@permits("companies.write")
def create_level(body: schemas.ReminderLevelIn) -> Response:
    """Make a level. One on each day."""
    made = levels_services.create_level(body)
    location = f"/api/v1/reminder-levels/{made.id}"
    return json_response(present.level(made), 201, etag=made.version, location=location)


@levels.get("/<uuid:reminder_level_id>", responses={200: schemas.ReminderLevelOut})
@permits("invoices.read")
def show_level(path: LevelPath) -> Response:  # type: ignore[valid-type]
    """Get a level."""
    found = queries.get_level(path.reminder_level_id)  # type: ignore[attr-defined]
    return json_response(present.level(found), etag=found.version)


@levels.put("/<uuid:reminder_level_id>", responses={200: schemas.ReminderLevelOut})
@permits("companies.write")
def replace_level(path: LevelPath, body: schemas.ReminderLevelIn) -> Response:  # type: ignore[valid-type]
    """Change a level. One that is switched on, or moved, counts for days from today on."""
    found = queries.get_level(path.reminder_level_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    changed = levels_services.change_level(found, body)
    return json_response(present.level(changed), etag=changed.version)


@levels.delete("/<uuid:reminder_level_id>", responses={204: None})
@permits("companies.write")
def delete_level(path: LevelPath) -> Response:  # type: ignore[valid-type]
    """Delete a level. What was sent of it stays told."""
    found = queries.get_level(path.reminder_level_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    levels_services.delete_level(found)
    return Response(status=204)


def _settings() -> Response:
    return json_response({"is_on": queries.is_on(), "waiting": queries.count_waiting(today())})


@settings.get("/", responses={200: schemas.ReminderSettingsOut})
@permits("invoices.read")
def show_settings() -> Response:
    """Say whether reminders go by themselves, and how many documents wait for one."""
    return _settings()


@settings.put("/", responses={200: schemas.ReminderSettingsOut})
@permits("companies.write")
def change_settings(body: schemas.ReminderSettingsIn) -> Response:
    """Switch reminders on or off. Switched on, only days from today on count: nobody is mailed about the past."""
    levels_services.switch_reminders(is_on=body.is_on)
    return _settings()


@documents.post("/invoices/remind", responses={200: schemas.RemindedOut})
@permits("invoices.send")
def remind_many(body: schemas.RemindManyIn) -> Response:
    """Send reminders of several invoices and debit notes: each customer gets one mail. What rests is left out, told."""
    done = reminding.remind_many(body.ids)
    refused = [{"document": name, "detail": detail} for name, detail in done.refused]
    return json_response({"mails": done.mails, "documents": done.documents, "refused": refused})


def _of(kind: DocumentKind) -> None:
    thing, here = kind.label.lower(), f"/{answers.plural(kind)}/<uuid:owed_id>"

    def found(path: Any, *, for_update: bool = False) -> Any:
        return get_document(path.owed_id, kind, for_update=for_update)

    def listed(path: OwedPath) -> Response:  # type: ignore[valid-type]
        return json_response(present.reminders_of(found(path)))

    def remind(path: OwedPath, body: schemas.RemindIn) -> Response:  # type: ignore[valid-type]
        reminding.remind(path.owed_id, kind, body)  # type: ignore[attr-defined]
        return json_response(present.reminders_of(found(path)))

    def stop(path: OwedPath) -> Response:  # type: ignore[valid-type]
        return answers.changed(reminding.stop_reminders(found(path, for_update=True), stopped=True))

    def resume(path: OwedPath) -> Response:  # type: ignore[valid-type]
        return answers.changed(reminding.stop_reminders(found(path, for_update=True), stopped=False))

    written: dict[Any, Any] = {200: document_schemas.DocumentWritten}
    shown: dict[Any, Any] = {200: schemas.RemindersOut}
    for method, route, permission, responses, call, about in (
        (documents.get, "reminders", "invoices.read", shown, listed,
         f"Say which reminders of a {thing} were sent, and what comes next."),
        (documents.post, "remind", "invoices.send", shown, remind,
         f"Send a reminder of a {thing} now, with the words of the level that fits unless others are given."),
        (documents.post, "stop-reminders", "invoices.send", written, stop, f"Send no reminders of a {thing} any more."),
        (documents.post, "resume-reminders", "invoices.send", written, resume, f"Send reminders of a {thing} again."),
    ):  # fmt: skip
        call.__name__, call.__doc__ = f"{kind.value}_{route.replace('-', '_')}", about
        method(f"{here}/{route}", responses=responses)(permits(permission)(call))


for _kind in reminding.OWED:
    _of(_kind)


@customers.post("/<uuid:customer_id>/statement/send", responses={200: schemas.StatementSentOut})
@permits("invoices.send")
def mail_statement(path: CustomerPath, body: schemas.StatementMailIn) -> Response:  # type: ignore[valid-type]
    """Mail a customer's account over some days, with the link to the customer's own page."""
    customer = get_customer(path.customer_id)  # type: ignore[attr-defined]
    return json_response({"customer_id": customer.id, "to": send_statement(customer, body)})
