"""Who belongs to a company: roles, leaving and coming back, the owner's part.

The company's row is locked first, so that of two people who do this at once the second sees what the first did.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy import func, select, update

from tracktok.auth.models import Membership, MembershipStatus, Person, Role
from tracktok.auth.rules import is_email, is_outsider, label_of, may_manage
from tracktok.core import clock, context
from tracktok.core.context import Actor
from tracktok.core.db import db, transaction
from tracktok.core.errors import Conflict, Forbidden, Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.permissions import current_actor
from tracktok.core.tenancy import door, door_ajar
from tracktok.notifications.services import notify
from tracktok.tenants.queries import get_current
from tracktok.tenants.services import reserve

from .passwords import check_password
from .registration import NewOwner, add_person, find_person_by_email
from .sessions import end_sessions_of_membership

log = structlog.get_logger(__name__)


class AlreadyMember(Conflict):
    code, title = "already_member", "This person belongs to the company"


class LastOwner(Conflict):
    code, title = "last_owner", "A company always has an owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make somebody else an owner first.")


class RoleNotYours(Forbidden):
    code, title = "role_not_yours", "Only an owner may do this"


def count_users() -> int:
    """How many people the current tenant has, those not deactivated. Outsiders take no seat."""
    return int(
        db.session.execute(
            select(func.count())
            .select_from(Membership)
            .where(Membership.status == MembershipStatus.active, Membership.record_id.is_(None))
        ).scalar_one()
    )


def add_member(newcomer: NewOwner, role: str) -> Membership:
    """Put a person into the current tenant without an invitation (by a command): a known one, or a new one.

    Raises AlreadyMember, OverPlanLimit, Invalid (email, password).
    """
    if not is_email(newcomer.email):
        raise Invalid.at("email", "Write an e-mail address such as kim@example.com.")
    reserve("users", count_users)
    with door_ajar("add a person"):
        person = find_person_by_email(newcomer.email)
        if person is None:
            check_password(newcomer.password, newcomer.email)
            person = add_person(newcomer)
            person.email_verified_at = clock.now()
    if db.session.execute(select(Membership.id).where(Membership.person_id == person.id)).first():
        raise AlreadyMember("This person belongs to the company already.")
    membership = Membership(id=new_id(), person_id=person.id, role=Role(role))
    db.session.add(membership)
    db.session.flush()
    return membership


def set_platform_admin(email: str, *, staff: bool) -> None:
    """Make a person platform staff, or no longer. By a command only; a unit of work of its own. Raises NotFound."""
    with door("who is platform staff"), transaction():
        changed = db.session.execute(
            update(Person)
            .where(func.lower(Person.email) == email.lower())
            .values(is_platform_admin=staff)
            .returning(Person.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    if changed is None:
        raise NotFound(f"Nobody has the address {email}.")
    log.warning("platform_staff_changed", email=email.lower(), staff=staff)


def change_role(membership_id: UUID, role: str) -> Membership:
    """Give somebody another role. Raises NotFound, RoleNotYours, LastOwner, Conflict (somebody from outside)."""
    membership = _lock(membership_id)
    _may_change(membership.role, role)
    if is_outsider(membership.role) or is_outsider(role):
        raise Conflict("Somebody from outside stays what they are. Let them go, and invite them anew.")
    if membership.role == role:
        return membership
    if membership.role == Role.owner:
        _keep_an_owner(membership)
    membership.role = role
    db.session.flush()
    _tell(membership, f"Your role is now {label_of(role).lower()}")
    return membership


def deactivate(membership_id: UUID) -> Membership:
    """Let somebody go: their sessions end, what they did stays. Raises NotFound, RoleNotYours, LastOwner."""
    membership = _lock(membership_id)
    if membership.id != _own_membership():
        _may_change(membership.role)
    if membership.status == MembershipStatus.deactivated:
        return membership
    if membership.role == Role.owner:
        _keep_an_owner(membership)
    membership.status = MembershipStatus.deactivated
    db.session.flush()
    end_sessions_of_membership(membership.id, "deactivated")
    return membership


def reactivate(membership_id: UUID) -> Membership:
    """Let somebody back in, if the plan has room. Raises NotFound, RoleNotYours, OverPlanLimit."""
    bound_to = select(Membership.record_id).where(Membership.id == membership_id)
    if db.session.execute(bound_to).scalar_one_or_none() is None:
        reserve("users", count_users)
    membership = _lock(membership_id)
    _may_change(membership.role)
    membership.status = MembershipStatus.active
    db.session.flush()
    return membership


def leave() -> None:
    """The actor leaves the company. Raises LastOwner."""
    own = _own_membership()
    if own is None:
        raise NotFound
    deactivate(own)


def transfer_ownership(membership_id: UUID) -> Membership:
    """Make somebody else the owner; the actor becomes an admin. Raises NotFound, Conflict."""
    actor = current_actor()
    membership = _lock(membership_id)
    if is_outsider(membership.role):
        raise Conflict("Somebody from outside cannot own the company.")
    if membership.id == actor.membership_id:
        raise Conflict("You are the owner already.")
    if membership.status != MembershipStatus.active:
        raise Conflict("This person is deactivated. Let them back in first.")
    own = _find(actor.membership_id)
    if own is None or own.role != Role.owner:
        raise RoleNotYours
    membership.role = Role.owner
    own.role = Role.admin
    db.session.flush()
    _tell(membership, "You are now an owner of the company")
    return membership


def _lock(membership_id: UUID) -> Membership:
    get_current(for_update=True)
    found = _find(membership_id)
    if found is None:
        raise NotFound
    return found


def _find(membership_id: UUID | None) -> Membership | None:
    return db.session.execute(
        select(Membership)
        .where(Membership.id == membership_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _own_membership() -> UUID | None:
    actor: Actor | None = context.actor()
    return actor.membership_id if actor else None


def _may_change(*roles: str) -> None:
    actor = current_actor()
    if actor.kind == "system":
        return
    if not all(may_manage(actor.role, role) for role in roles):
        raise RoleNotYours("Only an owner may make, change or let go an owner.")


def _keep_an_owner(leaving: Membership) -> None:
    others = db.session.execute(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.role == Role.owner,
            Membership.status == MembershipStatus.active,
            Membership.id != leaving.id,
        )
    ).scalar_one()
    if not others:
        raise LastOwner


def _tell(membership: Membership, title: str) -> None:
    if membership.id != _own_membership():
        notify(membership.person_id, "people.role", title, link="/profile")


__all__ = [
    "AlreadyMember",
    "add_member",
    "change_role",
    "count_users",
    "deactivate",
    "leave",
    "reactivate",
    "set_platform_admin",
    "transfer_ownership",
]
