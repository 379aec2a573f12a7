"""What goes in and out about people and their sign-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from tracktok.tenants.schemas import (
    Currency,
    DateFormat,
    FiscalMonth,
    LocaleName,
    Subdomain,
    TenantOut,
    TimeZone,
)
from tracktok.web.api import ListQuery, Schema

from .rules import EMAIL_PATTERN, LONGEST_PASSWORD, SHORTEST_PASSWORD, Role, is_email


def _email(value: str) -> str:
    if not is_email(value):
        raise ValueError("Write an e-mail address such as kim@example.com.")
    return value.lower()


Email = Annotated[
    str,
    Field(max_length=254, examples=["kim@example.com"], json_schema_extra={"pattern": EMAIL_PATTERN}),
    AfterValidator(_email),
]
Password = Annotated[
    str,
    StringConstraints(strip_whitespace=False),
    Field(min_length=1, max_length=1000, repr=False, examples=["a long sentence of yours"]),
]
NewPassword = Annotated[
    str,
    StringConstraints(strip_whitespace=False),
    Field(
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        repr=False,
        examples=["a long sentence of yours"],
        description="At least 10 characters, none of the common ones, without the e-mail address",
    ),
]
PersonName = Annotated[str, Field(max_length=100)]
LinkToken = Annotated[str, Field(min_length=1, max_length=200)]


class RegisterIn(Schema):
    """A company that signs up, with its owner."""

    name: str = Field(min_length=1, max_length=200, title="Company name", examples=["Acme Ltd"])
    subdomain: Subdomain = Field(title="Address")
    owner_email: Email = Field(title="Your e-mail address")
    owner_password: NewPassword = Field(title="Password")
    owner_first_name: PersonName = Field("", title="First name")
    owner_last_name: PersonName = Field("", title="Last name")
    currency: Currency = Field("INR", title="Currency")
    timezone: TimeZone = Field("Asia/Kolkata", title="Time zone")
    locale: LocaleName = Field("en_IN", title="Language and number format")
    date_format: DateFormat = Field("DD/MM/YYYY", title="Date format")
    fiscal_year_start_month: FiscalMonth = Field(4, title="Fiscal year begins in")


class LoginIn(Schema):
    """A sign-in. The tenant: by subdomain, X-Tenant-Id, or `tenant`; not needed with one company only."""

    email: Email = Field(title="E-mail address")
    password: Password = Field(title="Password")
    tenant: str | None = Field(None, max_length=63, description="Subdomain or id of the company")


class UserOut(Schema):
    """A person in a company."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    name: str
    role: str
    email_verified: bool


class SignedInOut(Schema):
    """A sign-in: who, where, and the tokens."""

    tenant: TenantOut
    user: UserOut
    access_token: str
    refresh_token: str = Field(description="Good for one refresh")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(description="Seconds that the access token lives")


class RefreshIn(Schema):
    """A refresh token, to be changed for a new pair."""

    refresh_token: LinkToken


class TokensOut(Schema):
    """A new pair of tokens. The refresh token that was sent is used up."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


class EmailIn(Schema):
    """An address."""

    email: Email = Field(title="E-mail address")


class VerifyIn(Schema):
    """The token of a link that verifies an address."""

    token: LinkToken


class ResetIn(Schema):
    """A new password, with the token of the link in the mail."""

    token: LinkToken
    password: NewPassword = Field(title="New password")


class ChangePasswordIn(Schema):
    """A new password, with the present one."""

    current_password: Password = Field(title="Present password")
    password: NewPassword = Field(title="New password")


class ProfileIn(Schema):
    """A person's own name. Members that are left out stay as they are."""

    first_name: PersonName | None = Field(None, title="First name")
    last_name: PersonName | None = Field(None, title="Last name")


class PlaceOut(Schema):
    """A company that a person belongs to."""

    id: UUID
    subdomain: str
    name: str
    role: str


class MeOut(Schema):
    """Who is signed in, where, and what they may do."""

    user: UserOut
    tenant: TenantOut
    permissions: list[str]
    tenants: list[PlaceOut]


class SessionPath(Schema):
    """The id of a sign-in."""

    session_id: UUID


class PersonPath(Schema):
    """The id of a person's place in the company."""

    membership_id: UUID


class InvitationPath(Schema):
    """The id of an invitation."""

    invitation_id: UUID


class SessionOut(Schema):
    """A sign-in of one's own."""

    id: UUID
    kind: str
    company: str
    address: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class InviteIn(Schema):
    """An invitation by e-mail."""

    email: Email = Field(title="E-mail address")
    role: Role = Field(Role.member, title="Role")


class AcceptIn(Schema):
    """What somebody who is invited gives: the password of their account, or that of a new one with their name."""

    token: LinkToken
    password: Password = Field(title="Password")
    first_name: PersonName = Field("", title="First name")
    last_name: PersonName = Field("", title="Last name")


class RoleIn(Schema):
    """Another role for somebody."""

    role: Role = Field(title="Role")


class PersonPatch(Schema):
    """What of a person's place in the company may be changed."""

    role: Role | None = None
    status: Literal["active", "deactivated"] | None = None


class PeopleQuery(ListQuery):
    """Which people to list."""

    status: Literal["active", "deactivated"] | None = None


class PersonOut(Schema):
    """A person's place in the company. `id` is the place's id."""

    id: UUID
    person_id: UUID
    email: str
    name: str
    first_name: str
    last_name: str
    role: str
    status: str
    email_verified: bool
    last_seen_at: datetime | None
    created_at: datetime
    version: int


class InvitationOut(Schema):
    """An invitation."""

    id: UUID
    email: str
    role: str
    status: Literal["open", "accepted", "revoked", "ended"]
    created_at: datetime
    expires_at: datetime


class AcceptedOut(Schema):
    """What happened, in words."""

    detail: str


class EndedOut(Schema):
    """How many sessions were ended."""

    ended: int


class _List(Schema):
    object: Literal["list"] = "list"
    has_more: bool
    next_cursor: str | None


class SessionList(_List):
    """Sign-ins."""

    data: list[SessionOut]


class PeopleList(_List):
    """People."""

    data: list[PersonOut]


class InvitationList(_List):
    """Invitations."""

    data: list[InvitationOut]


def user_out(person: Any, role: str, person_id: UUID | None = None) -> dict[str, Any]:
    """A person as the API shows them; `person` has email, names, email_verified_at and, unless given, id."""
    name = " ".join(filter(None, (person.first_name, person.last_name))) or person.email
    return {
        "id": str(person_id or person.id),
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": name,
        "role": str(role),
        "email_verified": person.email_verified_at is not None,
    }
