"""What people are told when something happens to their company; and how users are counted against the plan."""

from __future__ import annotations

from typing import Any

from tracktok.notifications.queries import wants
from tracktok.notifications.services import notify, send_template
from tracktok.tenants.models import Tenant
from tracktok.tenants.rules import Tier
from tracktok.tenants.services import count_usage
from tracktok.tenants.signals import plan_changed

from . import queries
from .services.people import count_users

count_usage("users", count_users)


@plan_changed.connect
def tell_owners_of_plan(tenant: Tenant, *, before: str, reason: str, link: str, **_: Any) -> None:
    """Owners hear of the plan in the app and by mail."""
    for owner in queries.owners():
        notify(
            owner.person_id,
            "tenant.plan",
            f"{tenant.name} is now on the {Tier(tenant.tier).label} plan",
            body=reason,
            link="/settings/plan",
        )
        if wants(owner.person_id, "tenant.plan", "mail"):
            send_template(
                "tenants/plan_changed",
                owner.email,
                name=owner.first_name or owner.email,
                company=tenant.name,
                plan=Tier(tenant.tier).label,
                before=Tier(before).label,
                link=link,
            )
