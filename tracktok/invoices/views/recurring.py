"""Recurring invoices: their list, record and form, and what is done with them."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.audit.queries.history import history_of
from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.invoices.models import DocumentKind, RecurringInvoice
from tracktok.invoices.queries import recurring as queries
from tracktok.invoices.queries.documents import get_document
from tracktok.invoices.queries.parties import find_company
from tracktok.invoices.rules import recurring as rules
from tracktok.invoices.schemas.recurring import RecurringIn, RecurringQuery, ResumeIn, RetryIn, ScheduleIn
from tracktok.invoices.services import recurring as services
from tracktok.web.addresses import address
from tracktok.web.filters import format_day
from tracktok.web.forms import Form
from tracktok.web.render import render, toast
from tracktok.web.saving import attempt, go_on, save

from . import entering, words
from .editor import choices
from .looking import look_at
from .recurring_form import SECTION, begun, body_of, form_of, form_of_invoice, read

blueprint = Blueprint("recurring", "tracktok.invoices", template_folder="templates", url_prefix="/recurring-invoices")
TABS = (("", "All"), ("active", "Active"), ("paused", "Paused"), ("failed", "Failed"), ("ended", "Ended"))
UNITS = (("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years"))
PER_PAGE = 50
FEW = 6


@blueprint.get("/")
@permits("invoices.read")
def index() -> Response:
    """The list, with what the active ones come to in a month."""
    known = {name: request.args[name] for name in ("status", "customer_id", "cursor") if request.args.get(name)}
    form = Form.read(RecurringQuery, MultiDict({**known, "limit": str(PER_PAGE)}))
    query = form.data or RecurringQuery(limit=PER_PAGE)
    page = queries.list_recurring(query)
    return render(
        "invoices/recurring.html",
        block={"recurring-list": "list", "recurring-more": "rows", "*": "list"},
        rows=[queries.row(one) for one in page.rows],
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        monthly=queries.monthly_revenue(),
        base=preferences().currency,
        actions={one.value: one.label for one in rules.Action},
        tabs_shown=[
            (label, address({"status": status or None}), (query.status or "") == status, None) for status, label in TABS
        ],
        filtered=bool(query.status or query.customer_id),
    )


@blueprint.get("/<uuid:recurring_id>")
@permits("invoices.read")
def show(recurring_id: UUID) -> Response:
    """What is billed and when, what comes, and what came of each period."""
    recurring = queries.get_recurring(recurring_id)
    company = find_company(recurring.company_id) if recurring.company_id else None
    return render(
        "invoices/recurring_show.html",
        block={"peek-body": "record", "*": "record"},
        recurring=recurring,
        found=queries.view(recurring),
        body=body_of(recurring),
        runs=[queries.run(one) for one in queries.runs_of(recurring_id)],
        coming=services.upcoming(recurring) if recurring.status != rules.ENDED else [],
        company=company,
        action=rules.Action(recurring.action).label,
        history=[(event, _happening(event)) for event in history_of("recurring_invoices", recurring_id)],
        base=preferences().currency,
    )


def _happening(event: Any) -> tuple[str, str, str]:
    changed = {name: after for name, _, after in event.fields}
    if event.action == "created":
        return "made it", "plus", "grey"
    if "status" in changed:
        return {
            "paused": ("paused it", "player-pause", "amber"),
            "active": ("resumed it", "player-play", "green"),
            "ended": ("ended it", "player-stop", "grey"),
        }.get(str(changed["status"]), ("changed it", "pencil", "grey"))
    if "body" in changed or "every" in changed or "action" in changed:
        return "changed it", "pencil", "grey"
    return "went on to the next", "repeat", "blue"


# The form -----------------------------------------------------------------------------------------------------------


def _page(form: Form[Any], recurring: RecurringInvoice | None = None) -> Response:
    if not entering.keys_of(form.values):
        form.values.update(entering.first_line())
    keys = entering.keys_of(form.values)
    look = look_at(SECTION, form)
    look.number = ""
    entering.place_errors(form, entering.filled_keys(form.values))
    return render(
        "invoices/recurring_form.html", block="form", status=form.status, section=SECTION, form=form,
        recurring=recurring, keys=keys, look=look, words=words, units=UNITS,
        actions=[(one.value, one.label) for one in rules.Action], placeholders=rules.PLACEHOLDERS, **_dates(form),
        **choices(form, keys, look.found),
    )  # fmt: skip


@blueprint.get("/new")
@permits("invoices.write")
def new() -> Response:
    """An empty form; `invoice` fills in one that is repeated, `customer_id` a customer."""
    invoice_id = entering.uuid_of(request.args.get("invoice", ""))
    if invoice_id is not None:
        return _page(form_of_invoice(get_document(invoice_id, DocumentKind.invoice)))
    form: Form[Any] = Form({**begun(), "customer_id": request.args.get("customer_id", "")})
    form.values.update(entering.first_line())
    return _page(form)


def _create(body: RecurringIn) -> RecurringInvoice:
    services.may_make(body.action)
    return services.create_recurring(body)


@blueprint.post("/")
@permits("invoices.write")
def create() -> Response:
    """Make a recurring invoice; or, without scripts, add or take away a line of its form."""
    if request.form.get("do", "") not in {"", "save"}:
        return _page(Form.of(entering.change_lines(request.form, request.form["do"])))
    return save(
        read(request.form),
        _create,
        lambda made: go_on(f"“{made.name}” is set up", url_for(".show", recurring_id=made.id)),
        _page,
    )


@blueprint.get("/<uuid:recurring_id>/edit")
@permits("invoices.write")
def edit(recurring_id: UUID) -> Response:
    """The form of a recurring invoice."""
    recurring = queries.get_recurring(recurring_id)
    return _page(form_of(recurring), recurring)


@blueprint.post("/<uuid:recurring_id>/edit")
@permits("invoices.write")
def update(recurring_id: UUID) -> Response:
    """Change a recurring invoice as a whole."""
    recurring = queries.get_recurring(recurring_id, for_update=True)
    if request.form.get("do", "") not in {"", "save"}:
        return _page(Form.of(entering.change_lines(request.form, request.form["do"])), recurring)

    def change(body: RecurringIn) -> RecurringInvoice:
        services.may_make(body.action)
        return services.change_recurring(recurring, body)

    return save(
        read(request.form, recurring),
        change,
        lambda _: go_on(f"“{recurring.name}” saved", url_for(".show", recurring_id=recurring_id)),
        lambda form: _page(form, recurring),
        version=recurring.version,
    )


@blueprint.post("/preview")
@permits("invoices.write")
def preview() -> Response:
    """What the form comes to, as it stands, and its next days: parts of the page that replace those that are there."""
    form: Form[Any] = Form.of(request.form)
    look = look_at(SECTION, form)
    look.number = ""
    return render(
        "invoices/recurring_preview.html", section=SECTION, form=form, look=look, words=words,
        keys=entering.keys_of(form.values), base=preferences().currency, oob=True, **_dates(form),
    )  # fmt: skip


def _dates(form: Form[Any]) -> dict[str, Any]:
    """The schedule of a form in words, and its first days; nothing for one that is not understood."""
    plan = Form.read(
        ScheduleIn, MultiDict({name: form.text(name) for name in ScheduleIn.model_fields if form.text(name)})
    )
    if plan.data is None:
        return {"schedule": "", "days": []}
    said = plan.data
    schedule = rules.Schedule(
        said.unit, said.every, said.starts_on, said.anchor_day or said.starts_on.day, said.ends_on, said.most
    )
    days = [day for _, day in islice(rules.dates_from(schedule, 0), FEW)]
    return {"schedule": rules.in_words(schedule), "days": days}


# What is done with it -----------------------------------------------------------------------------------------------


def _do(recurring_id: UUID, call: Any, told: str) -> Response:
    back = url_for(".show", recurring_id=recurring_id)
    recurring = queries.get_recurring(recurring_id, for_update=True)
    return attempt(lambda: call(recurring), lambda _: go_on(told.format(recurring), back), back)


@blueprint.post("/<uuid:recurring_id>/pause")
@permits("invoices.write")
def pause(recurring_id: UUID) -> Response:
    """Make none until it is resumed."""
    return _do(recurring_id, services.pause_recurring, "“{0.name}” is paused")


@blueprint.get("/<uuid:recurring_id>/resume")
@permits("invoices.write")
def resuming(recurring_id: UUID) -> Response:
    """Ask what becomes of the periods that were missed."""
    return _ask_resume(queries.get_recurring(recurring_id), Form({"missed": "skip"}))


def _ask_resume(recurring: RecurringInvoice, form: Form[Any]) -> Response:
    return render(
        "invoices/recurring_resume.html", block={"modal-body": "question", "*": "form"}, status=form.status, form=form,
        recurring=recurring, missed=services.missed(recurring),
    )  # fmt: skip


@blueprint.post("/<uuid:recurring_id>/resume")
@permits("invoices.write")
def resume(recurring_id: UUID) -> Response:
    """Go on."""
    recurring = queries.get_recurring(recurring_id, for_update=True)
    services.may_make(recurring.action)
    return save(
        Form.read(ResumeIn),
        lambda body: services.resume_recurring(recurring, make_up=body.missed == "make_up"),
        lambda done: go_on(
            f"“{done.name}” goes on{f', next on {format_day(done.next_on)}' if done.next_on else ''}",
            url_for(".show", recurring_id=recurring_id),
        ),
        lambda form: _ask_resume(recurring, form),
    )


@blueprint.post("/<uuid:recurring_id>/skip")
@permits("invoices.write")
def skip(recurring_id: UUID) -> Response:
    """Leave the next period out."""
    return _do(recurring_id, services.skip_next, "The next invoice is skipped")


@blueprint.post("/<uuid:recurring_id>/end")
@permits("invoices.write")
def end(recurring_id: UUID) -> Response:
    """Make none any more."""
    return _do(recurring_id, services.end_recurring, "“{0.name}” has ended")


@blueprint.post("/<uuid:recurring_id>/runs/<uuid:run_id>/retry")
@permits("invoices.write")
def retry(recurring_id: UUID, run_id: UUID) -> Response:
    """Try a period that failed again."""
    back = url_for(".show", recurring_id=recurring_id)
    recurring = queries.get_recurring(recurring_id, for_update=True)
    services.may_make(recurring.action)
    run = queries.get_run(recurring_id, run_id, for_update=True)
    form = Form.read(RetryIn)
    try:
        services.retry_run(run, recurring, force=bool(form.data and form.data.force))
    except DomainError as refusal:
        toast(refusal.detail, "danger")
        return go_on("Nothing was changed", back)
    if run.status == rules.FAILED:
        toast(f"It failed again: {run.problem}", "warning")
        return go_on("It is kept, and can be tried again", back)
    return go_on(f"The invoice of {format_day(run.period_on)} is made", back)


@blueprint.post("/<uuid:recurring_id>/runs/<uuid:run_id>/skip")
@permits("invoices.write")
def skip_run(recurring_id: UUID, run_id: UUID) -> Response:
    """Leave out a period that failed."""
    back = url_for(".show", recurring_id=recurring_id)
    queries.get_recurring(recurring_id, for_update=True)
    run = queries.get_run(recurring_id, run_id, for_update=True)
    return attempt(
        lambda: services.skip_run(run),
        lambda _: go_on(f"The invoice of {format_day(run.period_on)} is left out", back),
        back,
    )
