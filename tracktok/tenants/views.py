"""Settings > Company and > Plan; and the tenants, for platform staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, request, url_for

from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.permissions import permits, signed_in
from tracktok.core.tenancy import tenant_scope
from tracktok.web.addresses import address, without
from tracktok.web.forms import Form
from tracktok.web.records import record_page
from tracktok.web.render import render
from tracktok.web.saving import go_on, save

from . import queries, rules, schemas, services
from .models import Tenant
from .rules import PLANS, Feature, Limit, Tier

blueprint = Blueprint("tenants", __name__, template_folder="templates")
MONTHS = ("January February March April May June July August September October November December").split()
_FIELDS = tuple(schemas.CompanyForm.model_fields)


@blueprint.get("/settings")
@permits("tenant.read")
def settings() -> Response:
    """The company's settings."""
    tenant = queries.get_current()
    return _settings_page(tenant, Form({name: getattr(tenant, name) for name in _FIELDS}))


def _settings_page(tenant: Tenant, form: Form[Any], brand: Form[Any] | None = None) -> Response:
    """The page; `brand` is the form of the logo and the colour, when that was sent."""
    locales = queries.locale_choices()
    if tenant.locale not in dict(locales):
        locales = [(tenant.locale, tenant.locale), *locales]
    return render(
        "tenants/settings.html",
        block="brand_form" if brand else "form",
        status=max(form.status, brand.status if brand else 200),
        form=form,
        brand=brand or Form({"accent_color": tenant.accent_color}),
        company=tenant,
        currencies=queries.currency_choices(),
        timezones=queries.timezone_choices(),
        locales=locales,
        countries=queries.country_choices(),
        date_formats=[(name, name) for name in schemas.DATE_FORMATS],
        months=list(enumerate(MONTHS, 1)),
        branding=queries.has_feature("custom_branding"),
        **_shade(brand.text("accent_color").strip() if brand else tenant.accent_color, told=bool(brand)),
    )


def _shade(color: str, *, told: bool = False) -> dict[str, Any]:
    """What a page says of a colour: itself, what is wrong with it (unless the field tells it), and its contrast."""
    problem = rules.accent_problem(color) if color else None
    known = color and not (problem and "contrast" not in problem)
    ratio = f"{rules.contrast(color, '#ffffff'):.1f}" if known and not problem else ""
    return {"shade": color if known else "", "shade_problem": "" if told else problem, "ratio": ratio}


@blueprint.post("/settings")
@permits("tenant.write")
def save_settings() -> Response:
    """Change the company's settings."""
    tenant = queries.get_current()
    return save(
        Form.read(schemas.CompanyForm),
        lambda data: services.update_settings(data.model_dump()),
        lambda _: go_on("The settings are saved", url_for("tenants.settings")),
        lambda form: _settings_page(tenant, form),
    )


@blueprint.post("/settings/brand")
@permits("tenant.write")
def save_brand() -> Response:
    """Change the company's colour, and its logo where a file was sent."""
    tenant = queries.get_current()
    file = request.files.get("logo")

    def change(data: schemas.BrandForm) -> None:
        with db.session.begin_nested():
            services.update_settings(data.model_dump())
            if file is not None and file.filename:
                with file.stream as stream:
                    services.set_logo(stream)

    return save(
        Form.read(schemas.BrandForm),
        change,
        lambda _: go_on("Logo and colour are saved", url_for("tenants.settings")),
        lambda form: _settings_page(tenant, Form({name: getattr(tenant, name) for name in _FIELDS}), form),
    )


@blueprint.post("/settings/logo/remove")
@permits("tenant.write")
def remove_logo() -> Response:
    """Take the logo away."""
    services.remove_logo()
    return go_on("The logo is taken away", url_for("tenants.settings"))


@blueprint.get("/settings/shade")
@permits("tenant.read")
def shade() -> Response:
    """Whether white text can be read on a colour: a part of the form."""
    given = request.args.get("accent_color", "").strip()
    return render("tenants/_shade.html", **_shade(given))


@blueprint.get("/company/logo/<version>")
@signed_in
def logo(version: str) -> Response:
    """The company's logo. Its address changes with the picture, so browsers may keep it."""
    look = queries.branding()
    picture = look.read_logo()
    if picture is None:
        raise NotFound("There is no logo.")
    fresh = look.logo_url.endswith(f"/{version}")
    response = Response(picture, content_type=look.logo_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if fresh else "private, no-cache"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.get("/settings/plan")
@permits("tenant.read")
def subscription() -> Response:
    """The plan, the trial and what is used; a way to ask for another plan."""
    return _plan_page(Form({}))


def _plan_page(form: Form[Any]) -> Response:
    tenant = queries.get_current()
    return render(
        "tenants/plan.html",
        block="form",
        status=form.status,
        form=form,
        company=tenant,
        **_plan_facts(tenant),
        plans=[PLANS[tier] for tier in Tier],
        all_limits=list(Limit),
        all_features=list(Feature),
        choices=[(tier.value, tier.label) for tier in Tier if tier != tenant.tier],
    )


def _plan_facts(tenant: Tenant) -> dict[str, Any]:
    """What a page tells of a tenant's plan; call it inside the tenant."""
    held, today, used = tenant.subscription, queries.today(), services.usage()
    plan = held.plan(today)
    return {
        "plan": plan,
        "in_trial": held.in_trial(today),
        "days": held.trial_days_remaining(today),
        "limits": [
            (name.label, used[name], plan.limits[name], _percent(used[name], plan.limits[name]))
            for name in Limit
            if name in used
        ],
    }


def _percent(used: int, limit: int | None) -> int:
    return min(100, used * 100 // limit) if limit else 0


@blueprint.post("/settings/plan")
@permits("subscription.write")
def request_upgrade() -> Response:
    """Ask for another plan."""
    form = Form.read(schemas.UpgradeIn)
    return save(
        form,
        lambda data: services.request_upgrade(data.tier, data.message),
        lambda _: go_on(
            f"You have asked for the {Tier(form.text('tier')).label} plan. We answer by mail.",
            url_for("tenants.subscription"),
        ),
        _plan_page,
    )


@blueprint.get("/tenants")
@permits("platform.tenants")
def admin() -> Response:
    """All tenants, for platform staff."""
    search, tier = request.args.get("q", "").strip(), request.args.get("tier", "")
    tier = tier if tier in list(Tier) else ""
    requested = request.args.get("requested") == "1"
    page, users = queries.list_tenants(
        search=search or None, tier=tier or None, requested=requested, cursor=request.args.get("cursor"), limit=50
    )
    chips = []
    if tier:
        chips.append(("Plan", Tier(tier).label, without("tier")))
    if requested:
        chips.append(("Asked", "for another plan", without("requested")))
    return render(
        "tenants/admin.html",
        block={"tenants-list": "list", "tenants-more": "rows", "*": "list"},
        page=page,
        users=users,
        chips=chips,
        tiers=[(one.value, one.label) for one in Tier],
        tier=tier,
        requested=requested,
        labels={one.value: one.label for one in Tier},
        clear=url_for("tenants.admin"),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
    )


@blueprint.get("/tenants/<uuid:tenant_id>")
@permits("platform.tenants")
def admin_tenant(tenant_id: UUID) -> Response:
    """A tenant's plan and use, for platform staff."""
    tenant = queries.find_tenant(tenant_id)
    return _tenant_page(tenant, Form({"tier": tenant.requested_tier or tenant.tier}))


def _tenant_page(tenant: Tenant, form: Form[Any]) -> Response:
    with tenant_scope(tenant.id):
        facts = _plan_facts(tenant)
    return render(
        "tenants/admin_tenant.html",
        block="form",
        status=form.status,
        form=form,
        company=tenant,
        labels={one.value: one.label for one in Tier},
        tiers=[(one.value, one.label) for one in Tier],
        **facts,
    )


@blueprint.post("/tenants/<uuid:tenant_id>")
@permits("platform.tenants")
def set_tier(tenant_id: UUID) -> Response:
    """Put a tenant on a plan; kept in that tenant's audit trail."""
    tenant = queries.find_tenant(tenant_id)
    form = Form.read(schemas.TierIn)
    return save(
        form,
        lambda data: services.set_tier(tenant_id, data.tier, data.reason),
        lambda _: go_on(
            f"{tenant.name} is now on the {Tier(form.text('tier')).label} plan",
            url_for("tenants.admin_tenant", tenant_id=tenant_id),
        ),
        lambda form: _tenant_page(tenant, form),
    )


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
    record_page("tenants", "company", "tenants.settings")
