"""Invitations by e-mail: made, sent again, taken back, accepted once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from tracktok.auth.models import Invitation, Membership, MembershipStatus, Person
from tracktok.auth.rules import is_outsider, label_of, may_manage
from tracktok.core import clock, context
from tracktok.core.context import Actor, acting
from tracktok.core.db import db, transaction
from tracktok.core.errors import BadRequest, Conflict, FieldError, Forbidden, NotFound
from tracktok.core.ids import new_id
from tracktok.core.permissions import current_actor
from tracktok.core.tenancy import current_tenant_id, door_ajar, tenant_scope
from tracktok.notifications.services import notify, send_template
from tracktok.tenants.models import Tenant, TenantStatus
from tracktok.tenants.queries import get_current
from tracktok.tenants.services import reserve
from tracktok.web.filters import format_day
from tracktok.web.links import tenant_link

from . import attempts
from .passwords import check_password, verify_password
from .people import AlreadyMember, RoleNotYours, count_users
from .registration import NewOwner, add_person, find_person_by_email
from .sessions import hash_token

DAYS = 7


class InvitationInvalid(BadRequest):
    code, title = "invitation_invalid", "This invitation does not work any more"

    def __init__(self) -> None:
        super().__init__("This invitation has ended, was taken back, or was accepted before. Ask for a new one.")


class AlreadyInvited(Conflict):
    code, title = "already_invited", "This address is invited already"


class WrongAccountPassword(Forbidden):
    code, title = "wrong_password", "This is not the password of the account"


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that can be accepted, as its page shows it. `known`: its address has an account."""

    id: UUID
    tenant_id: UUID
    subdomain: str
    company: str
    email: str
    role: str
    expires_at: datetime
    known: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who has just joined."""

    tenant_id: UUID
    subdomain: str
    person_id: UUID
    membership_id: UUID
    email: str
    first_name: str
    last_name: str
    email_verified_at: datetime | None


def _open() -> list[ColumnElement[bool]]:
    return [
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    ]


def count_seats() -> int:
    """People and open invitations: what a new invitation needs room beside. Outsiders take no seat."""
    invited = db.session.execute(
        select(func.count()).select_from(Invitation).where(*_open(), Invitation.record_id.is_(None))
    ).scalar_one()
    return count_users() + int(invited)


def invite(email: str, role: str, record_id: UUID | None = None) -> Invitation:
    """Invite somebody by e-mail, if the plan has room; outsiders with the record that they will be bound to.

    Raises AlreadyMember, AlreadyInvited, OverPlanLimit, RoleNotYours.
    """
    if is_outsider(role) != (record_id is not None):
        raise ValueError("an outsider is bound to a record, and nobody else is")
    actor = current_actor()
    if actor.kind != "system" and not may_manage(actor.role, role):
        raise RoleNotYours("Only an owner may invite an owner.")
    if record_id is None:
        reserve("users", count_seats)
    tenant = get_current(for_update=True)
    _no_member_yet(email)
    _clear_ended(email)
    token = _new_token()
    invitation = Invitation(
        id=new_id(),
        email=email.lower(),
        role=role,
        record_id=record_id,
        token_hash=hash_token(token),
        invited_by=actor.person_id,
        expires_at=clock.now() + timedelta(days=DAYS),
    )
    try:
        with db.session.begin_nested():
            db.session.add(invitation)
            db.session.flush()
    except IntegrityError as error:
        text = "There is an open invitation for this address. Send it again, or take it back first."
        raise AlreadyInvited(text, errors=[FieldError("/email", "already_invited", text)]) from error
    _send(invitation, tenant, token)
    return invitation


def send_again(invitation_id: UUID) -> Invitation:
    """A new link, good for another seven days; the older one ends. Raises NotFound."""
    invitation = _get(invitation_id)
    if invitation.expires_at <= clock.now() and invitation.record_id is None:
        reserve("users", count_seats)
    tenant = get_current()
    token = _new_token()
    invitation.token_hash = hash_token(token)
    invitation.expires_at = clock.now() + timedelta(days=DAYS)
    db.session.flush()
    _send(invitation, tenant, token)
    return invitation


def revoke(invitation_id: UUID) -> Invitation:
    """Take an invitation back. Raises NotFound, also when it was accepted."""
    invitation = _get(invitation_id)
    invitation.revoked_at = clock.now()
    db.session.flush()
    return invitation


def look_at(token: str) -> OpenInvitation:
    """What a token invites to. Raises InvitationInvalid."""
    with tenant_scope(_tenant_of(token)):
        invitation = _by_token(token)
        tenant = db.session.execute(select(Tenant).where(Tenant.id == current_tenant_id())).scalar_one()
        with door_ajar("an invitation"):
            known = find_person_by_email(invitation.email)
        return OpenInvitation(
            invitation.id, tenant.id, tenant.subdomain, tenant.name, invitation.email, invitation.role,
            invitation.expires_at, known is not None,
        )  # fmt: skip


def accept(token: str, password: str, first_name: str = "", last_name: str = "") -> Joined:
    """Join the company: with the password of the account that the address has, or as a new person with this password.

    A unit of work of its own. Of two at once one joins. Raises InvitationInvalid, WrongAccountPassword, Invalid
    (password), OverPlanLimit, TooManyRequests.
    """
    tenant_id = _tenant_of(token)
    with tenant_scope(tenant_id), transaction():
        waiting = _by_token(token)
        email = waiting.email
        attempts.begin(email)
        if waiting.record_id is None:
            reserve("users", count_users)
        tenant = get_current(for_update=True)
        invitation = _by_token(token, for_update=True)
        with door_ajar("accept an invitation"):
            person = find_person_by_email(email)
            if person is None:
                check_password(password, email)
                person = add_person(NewOwner(email, password, first_name, last_name))
            elif not verify_password(password, person.password_hash):
                raise WrongAccountPassword("There is an account with this address, and this is not its password.")
            # The link came by mail: whoever has it reads the address.
            person.email_verified_at = person.email_verified_at or clock.now()
        with acting(Actor("person", person.id, role=invitation.role, name=person.name, email=person.email)):
            membership = _join(person, invitation)
            invitation.accepted_at = clock.now()
            db.session.flush()
            if invitation.invited_by:
                notify(invitation.invited_by, "people.joined", f"{person.name} has joined", link="/settings/people")
        joined = Joined(
            tenant.id, tenant.subdomain, person.id, membership.id, person.email, person.first_name, person.last_name,
            person.email_verified_at,
        )  # fmt: skip
    attempts.succeeded(email)
    return joined


def _join(person: Person, invitation: Invitation) -> Membership:
    membership = db.session.execute(
        select(Membership).where(Membership.person_id == person.id).with_for_update()
    ).scalar_one_or_none()
    if membership is None:
        membership = Membership(id=new_id(), person_id=person.id, role=invitation.role, record_id=invitation.record_id)
        db.session.add(membership)
    else:
        membership.role, membership.status = invitation.role, MembershipStatus.active
        membership.record_id = invitation.record_id
    db.session.flush()
    return membership


def _new_token() -> str:
    return f"{current_tenant_id().hex}.{secrets.token_urlsafe(32)}"


def _tenant_of(token: str) -> UUID:
    try:
        return UUID(token.partition(".")[0])
    except ValueError as error:
        raise InvitationInvalid from error


def _by_token(token: str, *, for_update: bool = False) -> Invitation:
    statement = (
        select(Invitation)
        .join(Tenant, Tenant.id == Invitation.tenant_id)
        .where(
            Invitation.token_hash == hash_token(token),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > clock.now(),
            Tenant.status == TenantStatus.active,
        )
    )
    if for_update:
        statement = statement.with_for_update(of=Invitation).execution_options(populate_existing=True)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise InvitationInvalid
    return found


def _get(invitation_id: UUID) -> Invitation:
    found = db.session.execute(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _no_member_yet(email: str) -> None:
    row = db.session.execute(
        select(Membership.status)
        .join(Person, Person.id == Membership.person_id)
        .where(func.lower(Person.email) == email.lower())
    ).scalar_one_or_none()
    if row == MembershipStatus.active:
        text = "This person belongs to the company already."
        raise AlreadyMember(text, errors=[FieldError("/email", "already_member", text)])


def _clear_ended(email: str) -> None:
    """Invitations that have ended make room for a new one to the same address."""
    ended = db.session.execute(
        select(Invitation).where(
            func.lower(Invitation.email) == email.lower(),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at <= clock.now(),
        )
    ).scalars()
    for invitation in ended:
        invitation.revoked_at = clock.now()
    db.session.flush()


def _send(invitation: Invitation, tenant: Tenant, token: str) -> None:
    who = context.actor()
    send_template(
        "auth/invite",
        invitation.email,
        personal=True,
        inviter=(who.name if who and who.name else tenant.name),
        company=tenant.name,
        role=label_of(invitation.role).lower(),
        until=format_day(invitation.expires_at),
        link=tenant_link(tenant.subdomain, f"/invite/{token}"),
    )
