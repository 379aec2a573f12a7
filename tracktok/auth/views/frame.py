"""What stands around every page: the company, the person, the companies to switch to, what is not read, the trial."""

from __future__ import annotations

from flask import url_for

from tracktok.auth import queries
from tracktok.auth.rules import label_of
from tracktok.core import cache, context
from tracktok.core.tenancy import current_tenant_or_none
from tracktok.notifications.queries import count_unread
from tracktok.tenants.models import Tenant
from tracktok.tenants.queries import branding, get_current, today
from tracktok.web.frame import Company, Frame
from tracktok.web.links import tenant_link

DAYS_BEFORE_THE_END = 5
WAITING = (
    "Work in the background waits for a moment: e-mails, imports and reports come a little later, by themselves."
    " What you record is kept."
)
"""Said while Redis does not answer: then nothing can be handed to the workers."""


def frame_of_request() -> Frame:
    """The frame of this request's actor, or of nobody."""
    who = context.actor()
    if who is None or who.person_id is None or current_tenant_or_none() is None:
        return Frame(sign_in_url=url_for("auth.sign_in"))
    tenant = get_current()
    look = branding(tenant)
    notice, tone, href, action = _notice(tenant, verified=who.email_verified, may_upgrade=who.may("subscription.write"))
    return Frame(
        signed_in=True,
        tenant=tenant.name,
        accent=look.accent if look.has_own_accent else "",
        logo_url=look.logo_url,
        person=who.name,
        email=who.email,
        role=label_of(who.role),
        companies=tuple(
            Company(
                place.name,
                tenant_link(place.subdomain) if place.tenant_id == tenant.id
                else url_for("auth.switch", tenant_id=place.tenant_id),
                place.tenant_id == tenant.id,
                label_of(place.role),
            )
            for place in queries.places_of(who.person_id)
        ),
        unread=count_unread(who.person_id),
        notice=notice,
        notice_tone=tone,
        notice_href=href,
        notice_action=action,
        sign_out_url=url_for("auth.sign_out"),
        notifications_url=url_for("notifications.index"),
        person_links=(
            ("Your profile", url_for("auth.profile"), "user-circle"),
            ("Sessions", url_for("auth.sessions"), "devices"),
            ("Notification settings", url_for("notifications.preferences"), "bell-cog"),
        ),
    )  # fmt: skip


def _notice(tenant: Tenant, *, verified: bool, may_upgrade: bool) -> tuple[str, str, str, str]:
    if cache.is_missed():
        return WAITING, "amber", "", ""
    if not verified:
        return (
            "Confirm your e-mail address with the link that we sent you.",
            "amber",
            url_for("auth.profile"),
            "Send it again",
        )
    held = tenant.subscription
    days = held.trial_days_remaining(today())
    if held.in_trial(today()) and days <= DAYS_BEFORE_THE_END and may_upgrade:
        left = "The trial ends today." if days == 1 else f"The trial ends in {days} days."
        return (left, "blue", url_for("tenants.subscription"), "Choose a plan")
    return "", "blue", "", ""
