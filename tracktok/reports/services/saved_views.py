"""Views of lists: kept, renamed, shared, replaced, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Forbidden, Invalid
from tracktok.core.ids import new_id
from tracktok.core.permissions import current_actor, require
from tracktok.reports.models import SavedView
from tracktok.reports.queries import saved_views as queries
from tracktok.web.saved import clean_filters, list_of_kind

MOST_VIEWS = 200


class ViewNameTaken(Conflict):
    code, title = "name_taken", "There is a view of this name"

    def __init__(self, *, is_shared: bool) -> None:
        whose = "The company shares a view" if is_shared else "You have a view"
        text = f"{whose} of this name already."
        super().__init__(text, errors=[FieldError("/name", self.code, text)])


class TooManyViews(Conflict):
    code, title = "too_many_views", "You keep too many views"


def keep_view(
    kind: str, name: str, filters: Mapping[str, Any], *, is_shared: bool = False, replace: bool = False
) -> SavedView:
    """Keep a list with its filters under a name; `replace` puts them in place of those of the same name.

    Raises Invalid for a list that is none, Forbidden, ViewNameTaken, TooManyViews.
    """
    _check(kind, is_shared=is_shared)
    same = queries.find_by_name(kind, name, is_shared=is_shared)
    if same is not None:
        if not replace:
            raise ViewNameTaken(is_shared=is_shared)
        same.name, same.filters = name, clean_filters(kind, filters)
        return _flush(same)
    if queries.count_own() >= MOST_VIEWS:
        raise TooManyViews(f"You keep {MOST_VIEWS} views. Delete one that you use no more.")
    view = SavedView(
        id=new_id(),
        person_id=current_actor().person_id,
        kind=kind,
        name=name,
        filters=clean_filters(kind, filters),
        is_shared=is_shared,
    )
    db.session.add(view)
    return _flush(view)


def change_view(view: SavedView, name: str, filters: Mapping[str, Any], *, is_shared: bool) -> SavedView:
    """Change a view that the caller has locked. Raises Forbidden, ViewNameTaken."""
    _check_mine(view)
    if is_shared != view.is_shared:
        _check(view.kind, is_shared=True)
    same = queries.find_by_name(view.kind, name, is_shared=is_shared)
    if same is not None and same.id != view.id:
        raise ViewNameTaken(is_shared=is_shared)
    if view.is_shared and not is_shared:
        view.person_id = current_actor().person_id or view.person_id  # whoever takes it back keeps it
    view.name, view.filters, view.is_shared = name, clean_filters(view.kind, filters), is_shared
    return _flush(view)


def delete_view(view: SavedView) -> None:
    """Delete a view that the caller has locked. Raises Forbidden."""
    _check_mine(view)
    db.session.delete(view)
    db.session.flush()


def _flush(view: SavedView) -> SavedView:
    is_shared = view.is_shared
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:  # somebody else was as fast
        raise ViewNameTaken(is_shared=is_shared) from error
    db.session.refresh(view)
    return view


def _check(kind: str, *, is_shared: bool) -> None:
    if list_of_kind(kind) is None:
        raise Invalid.at("kind", "There is no such list.")
    if is_shared:
        require("views.share")


def _check_mine(view: SavedView) -> None:
    if not queries.may_change(view):
        raise Forbidden("This view is shared with the company; owners and admins change it.")
