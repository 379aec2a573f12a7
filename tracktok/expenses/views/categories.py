"""Categories: the tree, a form, merging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.core.permissions import permits
from tracktok.expenses.queries import books
from tracktok.expenses.queries import categories as queries
from tracktok.expenses.queries.categories import path_words
from tracktok.expenses.queries.spent import spent_by_category
from tracktok.expenses.rules.categories import DEEPEST, with_those_below
from tracktok.expenses.schemas.categories import CategoryIn, TaxTreatment
from tracktok.expenses.services import categories as services
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import blueprint

MOST_UNDONE = 100
"""How many expenses an undo puts back: their ids are in its address."""


@blueprint.get("/categories")
@permits("categories.read")
def categories() -> Response:
    """The tree of categories with what was spent on each and on those below it."""
    nodes = queries.tree()
    own = spent_by_category([node.row.id for node in nodes])
    accounts = {row.id: f"{row.code} {row.name}" for row in books.expense_accounts()}
    return render(
        "expenses/categories.html",
        nodes=nodes,
        spent=with_those_below(own, {node.row.id: node.row.parent_id for node in nodes}),
        accounts=accounts,
        taxes={one.value: one.label for one in TaxTreatment},
        base=preferences().currency,
    )


def _page(form: Form[Any], found: Any = None) -> Response:
    nodes = queries.tree()
    below = set(queries.with_children(found.id)) if found is not None else set()
    return render(
        "expenses/category_form.html",
        block="form",
        status=form.status,
        form=form,
        category=found,
        parents=[
            (node.row.id, path_words(node.path)) for node in nodes if node.depth < DEEPEST and node.row.id not in below
        ],
        others=[(node.row.id, path_words(node.path)) for node in nodes if node.row.id not in below],
        used=queries.count_expenses(found.id) if found is not None else 0,
        has_children=len(below) > 1,
        accounts=[(row.id, f"{row.code} {row.name}") for row in books.expense_accounts()],
        taxes=[(one.value, one.label) for one in TaxTreatment],
    )


@blueprint.get("/categories/new")
@permits("categories.write")
def new_category() -> Response:
    """An empty form."""
    return _page(Form({"parent_id": request.args.get("parent_id"), "tax_treatment": "none", "position": 0}))


@blueprint.post("/categories")
@permits("categories.write")
def create_category() -> Response:
    """Make a category."""
    return save(
        Form.read(CategoryIn),
        services.create_category,
        lambda made: go_on(
            f"“{made.name}” made",
            url_for(".categories"),
            another=url_for(".new_category", parent_id=made.parent_id),
        ),
        _page,
    )


@blueprint.get("/categories/<uuid:category_id>")
@permits("categories.write")
def category(category_id: UUID) -> Response:
    """The form of a category."""
    found = queries.get_category(category_id)
    return _page(Form({name: getattr(found, name) for name in CategoryIn.model_fields}), found)


@blueprint.post("/categories/<uuid:category_id>")
@permits("categories.write")
def update_category(category_id: UUID) -> Response:
    """Change or move a category."""
    found = queries.get_category(category_id, for_update=True)
    return save(
        Form.read(CategoryIn),
        lambda data: services.change_category(found, data),
        lambda _: go_on("Category saved", url_for(".categories")),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/categories/<uuid:category_id>/delete")
@permits("categories.write")
def delete_category(category_id: UUID) -> Response:
    """Delete a category; its expenses go where the form says. One with others below it is merged as a whole."""
    found = queries.get_category(category_id, for_update=True)
    sent = request.form.get("reassign_to", "")
    # What a merge moved is mixed with what was there; what was only taken out can be put back.
    ids = [] if sent else queries.expense_ids(category_id, MOST_UNDONE + 1)
    undo = "" if sent or len(ids) > MOST_UNDONE else _undo(found, ids)
    return attempt(
        lambda: services.merge_category(found, _id(sent)) if sent else services.delete_category(found, None),
        lambda moved: go_on(f"“{found.name}” deleted{_moved(moved)}", url_for(".categories"), undo=undo),
        url_for(".category", category_id=category_id),
    )


def _undo(found: Any, ids: list[UUID]) -> str:
    return url_for(".restore_category", category_id=found.id, parent_id=found.parent_id, ids=ids)


@blueprint.post("/categories/<uuid:category_id>/restore")
@permits("categories.write")
def restore_category(category_id: UUID) -> Response:
    """Bring a deleted category back, with the expenses that the address names."""
    found = queries.get_category(category_id, for_update=True, deleted=True)
    parent_id, ids = request.args.get("parent_id", type=UUID), request.args.getlist("ids", type=UUID)
    return attempt(
        lambda: services.restore_category(found, parent_id, ids[:MOST_UNDONE]),
        lambda _: go_on(f"“{found.name}” is back", url_for(".categories")),
        url_for(".categories"),
    )


def _moved(count: int) -> str:
    if not count:
        return ""
    return ", 1 expense moved" if count == 1 else f", {count:,} expenses moved"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid.at("reassign_to", "There is no such category.", "unknown") from error
