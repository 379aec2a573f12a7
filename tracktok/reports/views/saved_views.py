"""Keeping a view of a list, renaming and sharing it, deleting it: forms in a dialog, or pages of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, request, url_for
from werkzeug.datastructures import MultiDict

from tracktok.core.errors import NotFound
from tracktok.core.permissions import may, permits
from tracktok.reports.models import SavedView
from tracktok.reports.queries import saved_views as queries
from tracktok.reports.schemas import SavedViewForm
from tracktok.reports.services import saved_views as services
from tracktok.web.forms import Form
from tracktok.web.records import record_page
from tracktok.web.render import render
from tracktok.web.saved import href_of, list_of_kind, provide_saved_views, query_of, read_filters
from tracktok.web.saving import go_on, save

blueprint = Blueprint("saved_views", "tracktok.reports", template_folder="templates", url_prefix="/views")
record_page("saved_views", "saved view", "saved_views.edit", "view_id")


@blueprint.record_once
def _provide(state: Any) -> None:
    app: Flask = state.app
    provide_saved_views(app, queries.views_of_list)


def _page(form: Form[Any], *, view: SavedView | None = None) -> Response:
    kind = form.text("kind")
    known = list_of_kind(kind)
    if known is None:
        raise NotFound("There is no such list.")
    taken = view is None and form.status == 409
    return render(
        "saved_views/form.html",
        block={"modal-body": "dialog"},
        status=form.status,
        form=form,
        view=view,
        known=known,
        back=href_of(kind, read_filters(kind, form.text("query"))),
        may_share=may("views.share"),
        offer_replace=taken or bool(form.text("replace")),
    )


@blueprint.get("/new")
@permits("views.write")
def new() -> Response:
    """A name for the filters of a list."""
    return _page(Form({"kind": request.args.get("kind", ""), "query": request.args.get("query", "")}))


@blueprint.post("/")
@permits("views.write")
def create() -> Response:
    """Keep the filters of a list under a name; the undo of a deletion sends them in the address."""
    return save(
        Form.read(SavedViewForm, MultiDict(request.values)),
        lambda data: services.keep_view(
            data.kind, data.name, read_filters(data.kind, data.query), is_shared=data.is_shared, replace=data.replace
        ),
        lambda made: go_on(f"“{made.name}” is kept", href_of(made.kind, made.filters)),
        _page,
    )


@blueprint.get("/<uuid:view_id>/edit")
@permits("views.write")
def edit(view_id: UUID) -> Response:
    """A view's name, and with whom it is shared."""
    view = _found(view_id)
    values = {"kind": view.kind, "name": view.name, "query": query_of(view.filters), "is_shared": view.is_shared}
    return _page(Form({**values, "version": view.version}), view=view)


@blueprint.post("/<uuid:view_id>")
@permits("views.write")
def update(view_id: UUID) -> Response:
    """Rename a view, or share it."""
    view = _found(view_id, for_update=True)
    return save(
        Form.read(SavedViewForm, kind=view.kind, query=query_of(view.filters)),
        lambda data: services.change_view(
            view, data.name, view.filters, is_shared=data.is_shared if may("views.share") else view.is_shared
        ),
        lambda changed: go_on(f"“{changed.name}” is saved", href_of(changed.kind, changed.filters)),
        lambda form: _page(_with_filters(form, view), view=view),
        version=view.version,
    )


def _with_filters(form: Form[Any], view: SavedView) -> Form[Any]:
    form.values["kind"], form.values["query"] = view.kind, query_of(view.filters)
    return form


@blueprint.post("/<uuid:view_id>/delete")
@permits("views.write")
def delete(view_id: UUID) -> Response:
    """Delete a view; the list stays."""
    view = _found(view_id, for_update=True)
    kept: dict[str, Any] = {"kind": view.kind, "name": view.name, "query": query_of(view.filters)}
    if view.is_shared:
        kept["is_shared"] = "true"
    services.delete_view(view)
    undo = url_for("saved_views.create", **kept)
    return go_on(f"“{kept['name']}” is deleted", href_of(kept["kind"], {}), undo=undo)


def _found(view_id: UUID, *, for_update: bool = False) -> SavedView:
    view = queries.get_view(view_id, for_update=for_update)
    if list_of_kind(view.kind) is None or not queries.may_change(view):
        raise NotFound("There is no such view, or it is not yours to change.")
    return view
