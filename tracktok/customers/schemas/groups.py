"""Client types and account managers."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Schema

from .fields import Email, Line, Phone, patch_of


class ClientTypeIn(Schema):
    """A kind of customers."""

    name: Line = Field(min_length=1, max_length=80, title="Name", examples=["Corporate"])
    description: str = Field("", max_length=500, title="Description")


ClientTypePatch = patch_of(ClientTypeIn, "What to change of a client type.")


class ClientTypeOut(ClientTypeIn):
    """A kind of customers, with how many there are."""

    id: UUID
    customers: int
    version: int
    created_at: str
    updated_at: str


class AccountManagerIn(Schema):
    """Who looks after customers: a person of the company (by `person_id`), or just a name."""

    name: Line = Field(min_length=1, max_length=120, title="Name", examples=["Meera Iyer"])
    email: Email = Field("", title="E-mail")
    phone: Phone = Field("", title="Phone")
    person_id: UUID | None = Field(None, title="Person", description="A person of the company")
    is_archived: bool = Field(False, title="Archived")


AccountManagerPatch = patch_of(AccountManagerIn, "What to change of an account manager.")


class AccountManagerOut(AccountManagerIn):
    """An account manager, with how many customers they look after."""

    id: UUID
    customers: int
    version: int
    created_at: str
    updated_at: str


class GroupQuery(ListQuery):
    """Which client types."""

    q: str | None = Field(None, max_length=120, description="Part of the name")
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")


class ManagerQuery(GroupQuery):
    """Which account managers."""

    archived: bool | None = None
