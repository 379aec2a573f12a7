"""The JSON routes of a company's settings and plan, and of the tenants for platform staff."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from tracktok.core.errors import Invalid
from tracktok.core.permissions import permits
from tracktok.core.tenancy import tenant_scope
from tracktok.web.api import Api, check_if_match, instant, json_response, list_response

from . import queries, schemas, services
from .models import Tenant
from .rules import Feature, Limit, Subscription, Tier

api = Api("tenants", __name__, prefix="/tenants", tag="Company")
admin_api = Api("tenants_admin", __name__, prefix="/admin/tenants", tag="Platform")


@api.get("/me", responses={200: schemas.TenantOut})
@permits("tenant.read")
def show() -> Response:
    """The company and its settings."""
    tenant = queries.get_current()
    return json_response(schemas.tenant_out(tenant), etag=tenant.version)


@api.put("/me", responses={200: schemas.TenantOut})
@permits("tenant.write")
def update(body: schemas.TenantSettings) -> Response:
    """Change settings. 409 for another currency once there are postings."""
    check_if_match(queries.get_current().version)
    changes = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    tenant = services.update_settings(changes)
    return json_response(schemas.tenant_out(tenant), etag=tenant.version)


_LOGO: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"logo": {"type": "string", "format": "binary"}},
                "required": ["logo"],
            }
        }
    },
}


@api.put("/me/logo", request_body=_LOGO, responses={200: schemas.TenantOut})
@permits("tenant.write")
def set_logo() -> Response:
    """Give the company a logo: multipart, one part named `logo`, PNG or JPEG, up to 5 MB.

    It is drawn anew, without its metadata, at most 800 by 320 pixels. 402 on a plan without branding.
    """
    file = request.files.get("logo")
    if file is None:
        raise Invalid.at("logo", "Send the picture as the part `logo` of a multipart body.", "missing")
    check_if_match(queries.get_current().version)
    with file.stream as stream:
        tenant = services.set_logo(stream)
    return json_response(schemas.tenant_out(tenant), etag=tenant.version)


@api.delete("/me/logo", responses={204: None})
@permits("tenant.write")
def remove_logo() -> Response:
    """Take the company's logo away."""
    services.remove_logo()
    return Response(status=204)


@api.get("/subscription", responses={200: schemas.SubscriptionOut})
@permits("tenant.read")
def subscription() -> Response:
    """The plan, the trial, and how much of each limit is used."""
    return json_response(subscription_out(queries.get_current()))


@api.post("/upgrade", responses={202: schemas.SubscriptionOut})
@permits("subscription.write")
def upgrade(body: schemas.UpgradeIn) -> Response:
    """Ask for another plan. Platform staff decide, and the owners are told."""
    return json_response(subscription_out(services.request_upgrade(body.tier, body.message)), 202)


def subscription_out(tenant: Tenant) -> dict[str, Any]:
    """A company's plan as the API shows it; call it inside the tenant."""
    held = Subscription(Tier(tenant.tier), tenant.trial_start_date, tenant.trial_end_date)
    today = queries.today()
    plan, used = held.plan(today), services.usage()
    status = "trial" if held.in_trial(today) else ("free" if held.tier is Tier.basic else "active")
    return {
        "tier": tenant.tier,
        "plan": plan.tier,
        "status": status,
        "trial_start_date": tenant.trial_start_date,
        "trial_end_date": tenant.trial_end_date,
        "is_trial_used": tenant.is_trial_used,
        "trial_days_remaining": held.trial_days_remaining(today),
        "limits": [
            {"name": name, "limit": plan.limits[name], "used": used.get(name), "is_soft": name.is_soft}
            for name in Limit
        ],
        "features": {feature.value: feature in plan.features for feature in Feature},
        "requested_tier": tenant.requested_tier,
        "requested_at": instant(tenant.requested_at),
        "upgrade_url": services.upgrade_url(),
    }


@admin_api.get("/", responses={200: schemas.AdminTenantList})
@permits("platform.tenants")
def list_tenants(query: schemas.TenantListQuery) -> Response:
    """All tenants, newest first (platform staff)."""
    page, users = queries.list_tenants(
        search=query.q,
        tier=query.tier,
        requested=bool(query.requested),
        cursor=query.cursor,
        limit=query.limit,
    )
    data = [
        {
            "id": str(row.id),
            "subdomain": row.subdomain,
            "name": row.name,
            "status": row.status,
            "tier": row.tier,
            "trial_end_date": row.trial_end_date,
            "requested_tier": row.requested_tier,
            "requested_at": instant(row.requested_at),
            "users": users.get(row.id, 0),
            "created_at": instant(row.created_at),
        }
        for row in page.rows
    ]
    return list_response(page, data)


@admin_api.get("/<uuid:tenant_id>", responses={200: schemas.SubscriptionOut})
@permits("platform.tenants")
def show_tenant(path: schemas.TenantPath) -> Response:
    """A tenant's plan and use (platform staff)."""
    tenant = queries.find_tenant(path.tenant_id)
    with tenant_scope(tenant.id):
        return json_response(subscription_out(tenant))


@admin_api.put("/<uuid:tenant_id>/tier", responses={200: schemas.SubscriptionOut})
@permits("platform.tenants")
def set_tier(path: schemas.TenantPath, body: schemas.TierIn) -> Response:
    """Put a tenant on a plan; kept in that tenant's audit trail (platform staff)."""
    services.set_tier(path.tenant_id, body.tier, body.reason)
    tenant = queries.find_tenant(path.tenant_id)
    with tenant_scope(tenant.id):
        return json_response(subscription_out(tenant))


APIS = (api, admin_api)
