"""Whose expenses there are."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tracktok.auth.models import Membership, Person
from tracktok.core.db import db

_NAMES = select(Person).where(Person.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
_ALL = (
    select(Person)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.status == "active")
    .order_by(Person.first_name, Person.last_name, Person.email)
    .limit(500)
)


def names_of(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of people, by id."""
    wanted = list({one for one in ids if one is not None})
    if not wanted:
        return {}
    return {person.id: person.name for person in db.session.execute(_NAMES, {"ids": wanted}).scalars()}


def choices() -> list[tuple[UUID, str]]:
    """(id, name) of the people of the tenant."""
    return [(person.id, person.name) for person in db.session.execute(_ALL).scalars()]
