"""Tables of people: who they are, which tenants they belong to, and how they are signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, Timestamps, tenant_fk
from tracktok.core.ids import new_id
from tracktok.core.tenancy import TenantScoped

from .rules import MembershipStatus, Role


class Person(Timestamps, Base):
    """A human being with an e-mail address, who signs in once for all tenants."""

    __tablename__ = "people"
    __audited__ = True
    __audit_hidden__ = ("password_hash",)

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, default=new_id)
    email: Mapped[str]
    first_name: Mapped[str] = mapped_column(default="", server_default="")
    last_name: Mapped[str] = mapped_column(default="", server_default="")
    password_hash: Mapped[str] = mapped_column(default="", server_default="")
    email_verified_at: Mapped[datetime | None]
    is_platform_admin: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")

    __table_args__ = (Index("uq_people_email", text("lower(email)"), unique=True),)

    @property
    def name(self) -> str:
        """First and last name, or the address when there is none."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email


class Membership(TenantScoped, Timestamps, Base):
    """A person's place in a tenant: the role stands here."""

    __tablename__ = "memberships"
    __door__ = True
    __audited__ = True

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str]
    record_id: Mapped[UUID | None] = mapped_column(Uuid())
    """What an outsider is bound to: the vendor, the employee. Nobody else has one."""
    status: Mapped[str] = mapped_column(default=MembershipStatus.active, server_default="active")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id"),
        Index("ix_memberships_person_id", "person_id"),
        Index("ix_memberships_by_record", "tenant_id", "record_id", postgresql_where=text("record_id IS NOT NULL")),
        CheckConstraint("role IN ('owner','admin','analyst','member','vendor','employee')", name="role"),
        CheckConstraint("(role IN ('vendor','employee')) = (record_id IS NOT NULL)", name="record"),
        CheckConstraint("status IN ('active','deactivated')", name="status"),
    )


class LoginSession(TenantScoped, Timestamps, Base):
    """A sign-in in a browser or by the API. Its refresh tokens are one family: it is revoked as a whole."""

    __tablename__ = "login_sessions"
    __door__ = True

    membership_id: Mapped[UUID] = mapped_column(Uuid())
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    address: Mapped[str] = mapped_column(default="", server_default="")
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str] = mapped_column(default="", server_default="")

    __table_args__ = (
        tenant_fk("membership_id", "memberships"),
        Index("ix_login_sessions_person_id", "person_id", "created_at"),
        Index("ix_login_sessions_tenant_id_membership_id", "tenant_id", "membership_id"),
        CheckConstraint("kind IN ('browser','api')", name="kind"),
    )


class RefreshToken(TenantScoped, Base):
    """A refresh token, by its hash. Used once; used again, it revokes its session."""

    __tablename__ = "refresh_tokens"

    session_id: Mapped[UUID] = mapped_column(Uuid())
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        tenant_fk("session_id", "login_sessions", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "token_hash"),
        Index("ix_refresh_tokens_tenant_id_session_id", "tenant_id", "session_id"),
    )


class Invitation(TenantScoped, Timestamps, Base):
    """An invitation by e-mail to join a tenant in a role."""

    __tablename__ = "invitations"
    __audited__ = True
    __audit_hidden__ = ("token_hash",)

    email: Mapped[str]
    role: Mapped[str]
    record_id: Mapped[UUID | None] = mapped_column(Uuid())
    """What an outsider will be bound to."""
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        Index(
            "uq_invitations_open",
            "tenant_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
    )


class PersonToken(Base):
    """A single-use link of a person: to verify an address, reset a password, or go over to another tenant."""

    __tablename__ = "person_tokens"

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    tenant_id: Mapped[UUID | None] = mapped_column(Uuid())
    """Where it leads: the tenant that a hand-over goes to."""
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_person_tokens_person_id", "person_id"),
        CheckConstraint("purpose IN ('verify_email','reset_password','handoff')", name="purpose"),
    )


__all__ = [
    "Invitation",
    "LoginSession",
    "Membership",
    "MembershipStatus",
    "Person",
    "PersonToken",
    "RefreshToken",
    "Role",
]
