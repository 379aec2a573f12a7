"""Editing in place: one field of an expense, in the list or on its page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from pydantic import ValidationError

from tracktok.core.errors import DomainError, NotFound
from tracktok.core.permissions import permits
from tracktok.expenses.queries import expenses as queries
from tracktok.expenses.schemas.expenses import ExpensePatch
from tracktok.expenses.services import expenses as services
from tracktok.web.forms import Form
from tracktok.web.problems import from_validation
from tracktok.web.render import redirect_to, render, toast, wants_fragment

from . import choices
from .blueprint import blueprint
from .forms import tell

_FIELDS = {"title": "Title", "category": "Category", "project": "Project"}


@blueprint.get("/expenses/<uuid:expense_id>/field/<name>")
@permits("expenses.write")
def field(expense_id: UUID, name: str) -> Response:
    """One field: as text, or (`?edit=1`) as a small form. Without scripts this is the whole form of the expense."""
    row = _row(expense_id, name)
    if not wants_fragment():
        return redirect_to(url_for(".edit", expense_id=expense_id))
    if request.args.get("edit"):
        key = name if name == "title" else f"{name}_id"
        return _form(row, name, Form({key: getattr(row, key)}))
    return render("expenses/field.html", block="shown", expense=row, name=name)


@blueprint.post("/expenses/<uuid:expense_id>/field/<name>")
@permits("expenses.write")
def save_field(expense_id: UUID, name: str) -> Response:
    """Change one field and show it as text again."""
    row = _row(expense_id, name)
    key = name if name == "title" else f"{name}_id"
    sent = request.form.get(key, "").strip()
    form: Form[Any] = Form({key: sent})
    try:
        body = ExpensePatch.model_validate({key: sent or (None if key != "title" else "")})
        done = services.patch_expense(queries.get_expense(expense_id), body)
    except ValidationError as error:
        form.refuse(from_validation(error))
    except DomainError as refusal:
        form.refuse(refusal)
    else:
        tell(done.warnings)
        toast(f"{_FIELDS[name]} saved")
        if not wants_fragment():
            return redirect_to(url_for(".show", expense_id=expense_id))
        return render("expenses/field.html", block="shown", expense=queries.get_row(expense_id), name=name)
    return _form(row, name, form)


def _row(expense_id: UUID, name: str) -> Any:
    if name not in _FIELDS:
        raise NotFound
    return queries.get_row(expense_id)


def _form(row: Any, name: str, form: Form[Any]) -> Response:
    offered = choices.for_form() if name != "title" else {}
    options = {"category": offered.get("categories"), "project": offered.get("projects")}.get(name) or []
    return render(
        "expenses/field.html",
        block="form",
        status=form.status,
        expense=row,
        name=name,
        label=_FIELDS[name],
        form=form,
        options=options,
    )
