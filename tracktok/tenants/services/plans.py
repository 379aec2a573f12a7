"""Plans: asking for another one, and what platform staff decide."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from tracktok.audit.services import record
from tracktok.core import clock, context
from tracktok.core.context import Actor, acting
from tracktok.core.db import db, transaction
from tracktok.core.errors import Conflict, NotFound
from tracktok.core.permissions import current_actor
from tracktok.core.tenancy import door, tenant_scope
from tracktok.notifications.services import send_template
from tracktok.tenants import queries
from tracktok.tenants.models import Tenant
from tracktok.tenants.rules import Tier
from tracktok.tenants.signals import plan_changed
from tracktok.web.links import base_link, tenant_link


class SamePlan(Conflict):
    code, title = "same_plan", "This is the plan already"


def request_upgrade(tier: str, message: str = "") -> Tenant:
    """Ask platform staff for another plan; they are told by mail. Raises SamePlan."""
    tenant = queries.get_current(for_update=True)
    if tenant.tier == tier:
        raise SamePlan(f"{tenant.name} is on the {Tier(tier).label} plan already.")
    tenant.requested_tier, tenant.requested_at = tier, clock.now()
    db.session.flush()
    who = current_actor()
    for address in queries.platform_addresses():
        send_template(
            "tenants/upgrade_requested",
            address,
            once_key=f"upgrade:{tenant.requested_at.isoformat()}:{address}",
            company=tenant.name,
            subdomain=tenant.subdomain,
            plan=Tier(tier).label,
            present=Tier(tenant.tier).label,
            person=who.name,
            email=who.email,
            message=message,
            link=base_link(f"/tenants?q={tenant.subdomain}"),
        )
    return tenant


def set_tier(tenant_id: UUID, tier: str, reason: str) -> None:
    """Put a tenant on a plan: by platform staff or a command, in a unit of work of its own inside that tenant.

    The change and its reason are in that tenant's audit trail; its owners are told. Raises NotFound, SamePlan.
    """
    who = context.actor()
    staff = Actor(
        "platform" if who and who.kind == "person" else "system",
        person_id=who.person_id if who else None,
        name=who.name if who else "TrackTok",
        email=who.email if who else "",
    )
    with door("which tenant is put on a plan"):
        known = db.session.execute(select(Tenant.id).where(Tenant.id == tenant_id)).scalar_one_or_none()
    if known is None:
        raise NotFound
    with tenant_scope(tenant_id), acting(staff), transaction():
        tenant = queries.get_current(for_update=True)
        if tenant.tier == tier and tenant.requested_tier is None:
            raise SamePlan(f"{tenant.name} is on the {Tier(tier).label} plan already.")
        before = tenant.tier
        tenant.tier = Tier(tier)
        tenant.requested_tier = tenant.requested_at = None
        db.session.flush()
        record(
            "plan changed", "tenants", tenant.id, tenant.name, {"tier": before}, {"tier": tenant.tier, "reason": reason}
        )
        queries.forget_subscription()
        plan_changed.send(tenant, before=before, reason=reason, link=tenant_link(tenant.subdomain, "/settings/plan"))
