"""Tables of tenants. A tenant is no tenant-scoped row: it is seen by itself, and through the door."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, SmallInteger, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.context import Preferences
from tracktok.core.db import Base, Timestamps
from tracktok.core.ids import new_id

from .rules import PostalAddress, Subscription, TenantStatus, Tier


class Tenant(Timestamps, Base):
    """A company that uses TrackTok."""

    __tablename__ = "tenants"
    __audited__ = True

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, default=new_id)
    subdomain: Mapped[str]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default=TenantStatus.active, server_default="active")
    tier: Mapped[str] = mapped_column(default=Tier.basic, server_default="basic")
    trial_start_date: Mapped[date | None]
    trial_end_date: Mapped[date | None]
    is_trial_used: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    currency: Mapped[str] = mapped_column(default="INR", server_default="INR")
    timezone: Mapped[str] = mapped_column(default="Asia/Kolkata", server_default="Asia/Kolkata")
    date_format: Mapped[str] = mapped_column(default="DD/MM/YYYY", server_default="DD/MM/YYYY")
    locale: Mapped[str] = mapped_column(default="en_IN", server_default="en_IN")
    fiscal_year_start_month: Mapped[int] = mapped_column(SmallInteger, default=4, server_default="4")
    address_line1: Mapped[str] = mapped_column(default="", server_default="")
    address_line2: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="", server_default="")
    postal_code: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str] = mapped_column(default="", server_default="")
    """ISO 3166-1, two letters; empty for one that was never said."""
    tax_id: Mapped[str] = mapped_column(default="", server_default="")
    accent_color: Mapped[str] = mapped_column(default="", server_default="")
    logo_key: Mapped[str] = mapped_column(default="", server_default="")
    """Where the logo is in the storage; empty without one."""
    logo_type: Mapped[str] = mapped_column(default="", server_default="")
    logo_hash: Mapped[str] = mapped_column(default="", server_default="")
    logo_width: Mapped[int] = mapped_column(default=0, server_default="0")
    logo_height: Mapped[int] = mapped_column(default=0, server_default="0")
    requested_tier: Mapped[str | None]
    """The plan that an owner has asked for and that platform staff have not yet decided on."""
    requested_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("uq_tenants_subdomain", text("lower(subdomain)"), unique=True),
        CheckConstraint("tier IN ('basic','professional','enterprise')", name="tier"),
        CheckConstraint("status IN ('active','suspended')", name="status"),
        CheckConstraint("fiscal_year_start_month BETWEEN 1 AND 12", name="fiscal_year_start_month"),
    )

    @property
    def preferences(self) -> Preferences:
        """How this tenant writes amounts, dates and times."""
        return Preferences(
            currency=self.currency,
            timezone=self.timezone,
            date_format=self.date_format,
            locale=self.locale,
            fiscal_year_start_month=self.fiscal_year_start_month,
        )

    @property
    def postal_address(self) -> PostalAddress:
        """Where the company is."""
        return PostalAddress(
            self.address_line1, self.address_line2, self.city, self.state, self.postal_code, self.country
        )

    @property
    def address(self) -> str:
        """The address as it is written on an envelope."""
        return "\n".join(self.postal_address.lines)

    @property
    def logo_url(self) -> str | None:
        """The address of the logo's picture; None without one."""
        return f"/company/logo/{self.logo_hash[:16]}" if self.logo_key else None

    @property
    def subscription(self) -> Subscription:
        """The plan and the trial."""
        return Subscription(Tier(self.tier), self.trial_start_date, self.trial_end_date)


__all__ = ["Tenant", "TenantStatus", "Tier"]
