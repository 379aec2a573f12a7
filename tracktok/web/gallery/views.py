"""The gallery's pages. They are also the shortest example of how a list, a record and a form are built."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from tracktok.core import clock
from tracktok.core.permissions import public
from tracktok.web.addresses import address, without
from tracktok.web.errors import error_page
from tracktok.web.filters import plural
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast, trigger, wants_fragment
from tracktok.web.saving import go_on, save

from .samples import CATEGORIES, SampleExpense, SampleExpenseIn, SampleViewIn, expenses

blueprint = Blueprint("gallery", __name__, url_prefix="/dev/components")
WHY = "made-up data, in development only"
PAGE = 12
SORTS = {"expense_date", "title", "amount"}


@blueprint.get("")
@public(WHY)
def index() -> Response:
    """Every component with its states."""
    form: Form[SampleExpenseIn] = Form(
        {
            "title": "Diesel",
            "amount": Decimal("1250.5"),
            "expense_date": clock.today("Asia/Kolkata"),
            "tags": ["fleet", "night"],
        }
    )
    wrong: Form[SampleExpenseIn] = Form({"title": "Di", "amount": "12,34,5", "expense_date": "31/02/2026"})
    wrong.add("title", "Write at least 3 characters.")
    wrong.add("amount", "Write a number such as 1,234.50.")
    wrong.add("expense_date", "Write a date such as 21/11/2026.")
    return render(
        "gallery/index.html", form=form, wrong=wrong, rows=expenses(5), now=clock.now(), minute=timedelta(minutes=1)
    )


@blueprint.get("/list")
@public(WHY)
def sample_list() -> Response:
    """A list page: filters in the address, totals, sorting, selection, preview, more by cursor."""
    text, category = request.args.get("q", ""), request.args.getlist("category")
    sort = request.args.get("sort", "-expense_date")
    name = sort.lstrip("-") if sort.lstrip("-") in SORTS else "expense_date"
    rows = [
        row for row in expenses() if text.lower() in row.title.lower() and (not category or row.category in category)
    ]
    rows.sort(key=lambda row: getattr(row, name), reverse=sort.startswith("-"))
    start = request.args.get("cursor", 0, type=int)
    more = address({"cursor": start + PAGE}) if start + PAGE < len(rows) else ""
    chips = [("Category", value, without("category", value)) for value in category]
    if text:
        chips.insert(0, ("Text", text, without("q")))
    return render(
        "gallery/list.html",
        block={"sample-list": "list", "sample-more": "rows"},
        rows=rows[start : start + PAGE],
        count=len(rows),
        total=sum((row.amount for row in rows), Decimal(0)),
        more=more,
        chips=chips,
        clear=url_for(".sample_list"),
        sort=sort,
        categories=[(value, value) for value in CATEGORIES],
        chosen=category,
    )


@blueprint.post("/list")
@public(WHY)
def sample_bulk() -> Response:
    """What the bulk bar does."""
    ids = request.form.getlist("ids")
    toast(f"{plural(len(ids), 'expense')} deleted", undo=url_for(".sample_undo"))
    return redirect_to(url_for(".sample_list"))


@blueprint.post("/undo")
@public(WHY)
def sample_undo() -> Response:
    """What Undo in a toast does."""
    toast("Brought back")
    return redirect_to(url_for(".sample_list"))


def _find(expense_id: int) -> SampleExpense:
    return expenses()[(expense_id - 1) % 60]


@blueprint.get("/record")
@blueprint.get("/record/<int:expense_id>")
@public(WHY)
def sample_record(expense_id: int = 1) -> Response:
    """A record page; its `record` block is also the preview beside the list."""
    now = clock.now()
    return render(
        "gallery/record.html",
        block={"peek-body": "record"},
        expense=_find(expense_id),
        now=now,
        hour=timedelta(hours=1),
    )


def _choices() -> dict[str, Any]:
    return {
        "categories": [(value, value) for value in CATEGORIES],
        "methods": [
            ("upi", "UPI"),
            ("cash", "Cash"),
            ("credit_card", "Credit card"),
            ("bank_transfer", "Bank transfer"),
        ],
    }


@blueprint.get("/form")
@public(WHY)
def sample_form() -> Response:
    """A form with its defaults."""
    form: Form[SampleExpenseIn] = Form({"expense_date": clock.today("Asia/Kolkata"), "payment_method": "upi"})
    return render("gallery/form.html", form=form, **_choices())


@blueprint.post("/form")
@public(WHY)
def sample_save() -> Response:
    """What a form does when it is sent: back with its errors and 422, or on with a toast."""
    here, another = url_for(".sample_list"), url_for(".sample_form")
    return save(
        Form.read(SampleExpenseIn),
        lambda data: data.title,
        lambda _: go_on("Expense recorded", here, another=another, href=url_for(".sample_record"), action="Open"),
        lambda form: render("gallery/form.html", block="form", status=form.status, form=form, **_choices()),
    )


@blueprint.route("/dialog", methods=["GET", "POST"])
@public(WHY)
def sample_dialog() -> Response:
    """A form in a dialog: it comes back with its errors, or shuts with a toast."""
    form: Form[SampleViewIn] = Form({"title": "Fuel"})
    if request.method == "POST":
        form = Form.read(SampleViewIn)
        if form.data is not None:
            toast(f"Renamed to {form.data.title}")
            if not wants_fragment():
                return redirect_to(url_for(".index"))
            return trigger(make_response("", 200), "closeModal")
    return render("gallery/dialog.html", status=form.status, form=form)


@blueprint.get("/auth")
@public(WHY)
def sample_auth() -> Response:
    """The narrow layout."""
    return render("gallery/auth.html", form=Form({"email": "owner@acme.com"}))


@blueprint.get("/progress/<int:done>")
@public(WHY)
def sample_progress(done: int) -> Response:
    """A step of the progress bar that asks for itself."""
    return render("gallery/progress.html", block="bar", done=min(done + 3700, 40_000))


@blueprint.get("/error/<int:status>")
@public(WHY)
def sample_error(status: int) -> Response:
    """Any error page."""
    return error_page(status)
