"""Views of lists: one's own, and those that are shared with the company."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, bindparam, func, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, keyset, make_page, page_parameters, sort_by
from tracktok.core.permissions import current_actor
from tracktok.reports.models import SavedView as Kept
from tracktok.web.saved import SavedView, kinds_seen

MOST_SHOWN = 50
_PERSON = bindparam("person_id", type_=Uuid())
_SEEN = or_(Kept.person_id == _PERSON, Kept.is_shared)
_OF_KIND = (
    select(Kept.id, Kept.person_id, Kept.name, Kept.filters, Kept.is_shared)
    .where(Kept.kind == bindparam("kind", type_=Text()), _SEEN)
    .order_by(Kept.is_shared, func.lower(Kept.name), Kept.id)
    .limit(MOST_SHOWN)
)
_ONE = select(Kept).where(Kept.id == bindparam("view_id", type_=Uuid()), _SEEN)
_BY_NAME = select(Kept).where(
    Kept.kind == bindparam("kind", type_=Text()),
    func.lower(Kept.name) == func.lower(bindparam("name", type_=Text())),
)
_COUNT = select(func.count()).select_from(Kept).where(Kept.person_id == _PERSON)
_SORTS = {"created_at": sort_by(Kept.created_at)}
_NEWEST = "-created_at"


def _me() -> UUID | None:
    return current_actor().person_id


def may_change(view: Any) -> bool:
    """Whether the current actor may change a view: their own, and shared ones with the right to share."""
    who = current_actor()
    return who.may("views.share") if view.is_shared else view.person_id == who.person_id


def views_of_list(kind: str) -> Sequence[SavedView]:
    """The views of a list that the current actor sees: their own first, each by name."""
    rows = db.session.execute(_OF_KIND, {"kind": kind, "person_id": _me()}).all()
    return [SavedView(row.id, row.name, row.filters, row.is_shared, may_change(row)) for row in rows]


def get_view(view_id: UUID, *, for_update: bool = False) -> Kept:
    """A view that the current actor sees. Raises NotFound."""
    statement = _ONE.with_for_update().execution_options(populate_existing=True) if for_update else _ONE
    found = db.session.execute(statement, {"view_id": view_id, "person_id": _me()}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such view.")
    return found


def find_by_name(kind: str, name: str, *, is_shared: bool) -> Kept | None:
    """The view of a list that has a name: among the shared ones, or among the actor's own."""
    statement = _BY_NAME.where(Kept.is_shared if is_shared else (Kept.person_id == _PERSON) & ~Kept.is_shared)
    values = {"kind": kind, "name": name, **({} if is_shared else {"person_id": _me()})}
    return db.session.execute(statement, values).scalar_one_or_none()


def count_own() -> int:
    """How many views the current actor keeps."""
    return int(db.session.execute(_COUNT, {"person_id": _me()}).scalar_one())


@cache
def _list_statement(after: bool) -> Select[Any]:  # noqa: FBT001 - part of the key
    statement = select(
        Kept.id, Kept.person_id, Kept.kind, Kept.name, Kept.filters, Kept.is_shared, Kept.version, Kept.created_at,
        Kept.updated_at,
    ).where(_SEEN, Kept.kind == bindparam("kinds", type_=ARRAY(Text())).any_())  # fmt: skip
    return keyset(statement, sorts=_SORTS, id_column=Kept.id, sort=_NEWEST, after=after)


def list_views(kind: str | None, *, cursor: str | None, limit: int) -> Page:
    """One page of the views that the current actor sees, the newest first; of the lists that they may see."""
    kinds = [one for one in kinds_seen() if kind in {None, one}]
    wanted = page_parameters(sorts=_SORTS, sort=_NEWEST, cursor=cursor, limit=limit)
    rows = db.session.execute(_list_statement(bool(cursor)), {**wanted, "kinds": kinds, "person_id": _me()}).all()
    return make_page(rows, sort=_NEWEST, limit=limit, sort_key="created_at")
