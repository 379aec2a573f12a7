"""Incentive rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, or_, select

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.pagination import Page, fetch_page, sort_by
from tracktok.trips.models import IncentiveRule
from tracktok.trips.schemas.incentives import IncentiveQuery

COLUMNS = (
    IncentiveRule.id, IncentiveRule.name, IncentiveRule.measure, IncentiveRule.period, IncentiveRule.currency,
    IncentiveRule.terms, IncentiveRule.trip_type, IncentiveRule.project_id, IncentiveRule.valid_from,
    IncentiveRule.valid_to, IncentiveRule.is_archived, IncentiveRule.version, IncentiveRule.created_at,
    IncentiveRule.updated_at,
)  # fmt: skip
SORTS = {"name": sort_by(IncentiveRule.name), "created_at": sort_by(IncentiveRule.created_at)}
_ONE = select(IncentiveRule).where(IncentiveRule.id == bindparam("incentive_rule_id", type_=Uuid()))
_HOLDING = (
    select(*COLUMNS)
    .where(
        # An archived rule holds for the months before it was: those that have begun end on that day.
        or_(IncentiveRule.is_archived.is_(False), IncentiveRule.valid_to.is_not(None)),
        IncentiveRule.valid_from <= bindparam("last", type_=Date()),
        or_(IncentiveRule.valid_to.is_(None), IncentiveRule.valid_to >= bindparam("first", type_=Date())),
    )
    .order_by(IncentiveRule.name, IncentiveRule.id)
)


def get_incentive_rule(incentive_rule_id: UUID, *, for_update: bool = False) -> IncentiveRule:
    """An incentive rule. Raises NotFound."""
    statement = _ONE.with_for_update() if for_update else _ONE
    options: dict[str, Any] = {"populate_existing": True} if for_update else {}
    given = {"incentive_rule_id": incentive_rule_id}
    found = db.session.execute(statement, given, execution_options=options).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such incentive rule.")
    return found


def list_incentive_rules(query: IncentiveQuery) -> Page:
    """One page of incentive rules."""
    statement = select(*COLUMNS)
    if query.archived is not None:
        statement = statement.where(IncentiveRule.is_archived == query.archived)
    return fetch_page(
        statement, sorts=SORTS, id_column=IncentiveRule.id, sort=query.sort, cursor=query.cursor, limit=query.limit
    )


def rules_holding(first: date, last: date) -> Sequence[Any]:
    """The rules that hold on some day of a period, also those that have ended since."""
    return db.session.execute(_HOLDING, {"first": first, "last": last}).all()
