"""Receipts on the page of an expense."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.queries import receipts as receipt_queries
from tracktok.expenses.services import receipts as services
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast, wants_fragment

from .blueprint import blueprint
from .forms import tell


@blueprint.post("/expenses/<uuid:expense_id>/receipts")
@permits("expenses.write")
def add_receipts(expense_id: UUID) -> Response:
    """Put files on an expense."""
    form: Form[None] = Form()  # type: ignore[type-var]
    files = [one for one in request.files.getlist("files") if one.filename]
    try:
        made, warnings = services.add_receipts(expense_id, files)
    except DomainError as refusal:
        if refusal.errors:
            form.refuse(refusal)
        else:
            form.add("files", refusal.detail)
            form.status = refusal.status
    else:
        tell(warnings)
        toast("1 receipt added" if len(made) == 1 else f"{len(made)} receipts added")
        if not wants_fragment():
            return redirect_to(url_for(".show", expense_id=expense_id))
    return render(
        "expenses/show_receipts.html",
        block="receipts",
        status=form.status,
        form=form,
        expense=queries.get_row(expense_id),
        receipts=receipt_queries.receipts_of(expense_id),
        may_change=True,
    )


@blueprint.post("/expenses/<uuid:expense_id>/receipts/<uuid:receipt_id>/delete")
@permits("expenses.write")
def remove_receipt(expense_id: UUID, receipt_id: UUID) -> Response:
    """Take a receipt off an expense."""
    expense = queries.get_expense(expense_id)
    services.remove_receipt(expense, receipt_queries.get_receipt(expense_id, receipt_id))
    toast("Receipt removed")
    return redirect_to(url_for(".show", expense_id=expense_id))
