"""Signing up, in and out."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from flask import Response, current_app, request, session, url_for

from tracktok.auth import queries, schemas
from tracktok.auth.services import account, registration, sessions, signing_in
from tracktok.core import context
from tracktok.core.errors import DomainError, NotFound
from tracktok.core.permissions import current_actor, may, public, signed_in
from tracktok.core.tenancy import current_tenant_or_none
from tracktok.tenants.models import TenantStatus
from tracktok.tenants.queries import currency_choices, get_current, timezone_choices
from tracktok.web import browser
from tracktok.web.forms import Form
from tracktok.web.limits import sign_in_limit
from tracktok.web.links import base_link, own_path, tenant_link
from tracktok.web.render import redirect_to, render, toast

from .blueprint import blueprint

CHOOSER = "choose"
CHOOSER_SECONDS = 600


def begin_session(person: signing_in.KnownPerson, place: queries.Place) -> None:
    """Sign this browser in: a new server-side session, and nothing of what the cookie held before."""
    browser.sign_in(place.tenant_id, signing_in.open_browser_session(person, place))


def next_path(otherwise: str = "/") -> str:
    """Where to go afterwards: only ever a path of our own."""
    return own_path(request.values.get("next"), otherwise)


@blueprint.get("/")
@public("the start page of the product, and of a company before signing in")
def home() -> Response:
    """The dashboard of whoever is signed in; else the way in."""
    if context.actor() is not None:
        return redirect_to(_dashboard())
    if current_tenant_or_none() is not None:
        return redirect_to(url_for("auth.sign_in"))
    return render("auth/landing.html")


_FIRST_PAGES = (
    ("reports.dashboard", "dashboard.read"),
    ("expenses.index", "expenses.read"),
    ("vendor_portal.index", "vendor_portal.use"),
    ("employee_portal.index", "employee_portal.use"),
)


def _dashboard() -> str:
    for endpoint, permission in _FIRST_PAGES:
        if endpoint in current_app.view_functions and url_for(endpoint) != "/" and may(permission):
            return url_for(endpoint)
    return url_for("auth.profile")


@blueprint.get("/sign-in")
@public("signing in")
def sign_in() -> Response:
    """The form to sign in, on a company's own address or on the bare domain."""
    if context.actor() is not None:
        return redirect_to(next_path())
    return _sign_in_page(Form({"email": request.args.get("email", "")}))


def _sign_in_page(form: Form[Any]) -> Response:
    company = get_current().name if current_tenant_or_none() is not None else ""
    return render(
        "auth/sign_in.html", block="form", status=form.status, form=form, company=company, next=next_path(""),
        base=base_link("/sign-in"),
    )  # fmt: skip


@blueprint.post("/sign-in")
@public("signing in")
@sign_in_limit
def sign_in_post() -> Response:
    """Sign in: here, or (on the bare domain) by going over to the person's company."""
    form = Form.read(schemas.LoginIn)
    if form.data is None:
        return _sign_in_page(form)
    here = current_tenant_or_none()
    try:
        person = signing_in.authenticate(form.data.email, form.data.password)
        if here is None:
            session.clear()
            session[CHOOSER] = {"person": str(person.id), "until": int(time.time()) + CHOOSER_SECONDS}
            return redirect_to(url_for("auth.companies", next=next_path("") or None))
        place = signing_in.choose_place(person.id, here)
    except DomainError as refusal:
        form.refuse(refusal)
        return _sign_in_page(form)
    begin_session(person, place)
    return redirect_to(next_path())


@blueprint.get("/companies")
@public("somebody who has just signed in on the bare domain chooses where to go")
def companies() -> Response:
    """The companies of the person who has just signed in; straight on when there is one only."""
    person_id = _chooser()
    if person_id is None:
        return redirect_to(url_for("auth.sign_in"))
    places = [place for place in queries.places_of(person_id) if place.status == TenantStatus.active]
    if len(places) == 1:
        return _go_over(person_id, places[0])
    return render("auth/companies.html", places=places, next=next_path(""))


@blueprint.post("/companies/<uuid:tenant_id>")
@public("somebody who has just signed in on the bare domain chooses where to go")
def go_to_company(tenant_id: UUID) -> Response:
    """Go over to one of the companies."""
    person_id = _chooser()
    if person_id is None:
        return redirect_to(url_for("auth.sign_in"))
    place = next((place for place in queries.places_of(person_id) if place.tenant_id == tenant_id), None)
    if place is None:
        raise NotFound
    return _go_over(person_id, place)


def _chooser() -> UUID | None:
    kept = session.get(CHOOSER) or {}
    if kept.get("until", 0) < time.time():
        return None
    return UUID(kept["person"])


def _go_over(person_id: UUID, place: queries.Place) -> Response:
    token = account.hand_over_from_sign_in(person_id, place)
    session.pop(CHOOSER, None)
    return redirect_to(tenant_link(place.subdomain, url_for("auth.enter", token=token, next=next_path("") or None)))


@blueprint.get("/switch/<uuid:tenant_id>")
@signed_in
def switch(tenant_id: UUID) -> Response:
    """Go over to another of one's companies."""
    subdomain, token = account.hand_over(tenant_id)
    return redirect_to(tenant_link(subdomain, url_for("auth.enter", token=token)))


@blueprint.get("/enter/<token>")
@public("the link itself, good once for 60 seconds, signs in", needs_tenant=True)
def enter(token: str) -> Response:
    """Arrive from the bare domain or another company."""
    person, place = account.arrive(token)
    begin_session(person, place)
    return redirect_to(next_path())


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this browser's session."""
    who = current_actor()
    if who.session_id is not None:
        sessions.end_session(who.session_id, "signed out")
    browser.sign_out()
    toast("You are signed out", "info")
    return redirect_to(url_for("auth.sign_in"))


@blueprint.post("/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    """End all of the person's sessions, in every company."""
    person_id = current_actor().person_id
    if person_id is not None:
        sessions.end_all_sessions(person_id, "signed out everywhere")
    browser.sign_out()
    toast("You are signed out everywhere", "info")
    return redirect_to(url_for("auth.sign_in"))


@blueprint.get("/sign-up")
@public("anybody may sign up a company")
def sign_up() -> Response:
    """The form to sign up a company."""
    return _sign_up_page(Form({"currency": "INR", "timezone": "Asia/Kolkata"}))


def _sign_up_page(form: Form[Any]) -> Response:
    return render(
        "auth/sign_up.html", block="form", status=form.status, form=form, currencies=currency_choices(),
        timezones=timezone_choices(), domain=base_link().partition("://")[2].rstrip("/"),
    )  # fmt: skip


@blueprint.post("/sign-up")
@public("anybody may sign up a company")
@sign_in_limit
def sign_up_post() -> Response:
    """Sign up a company and go over to it."""
    form = Form.read(schemas.RegisterIn)
    if form.data is None:
        return _sign_up_page(form)
    try:
        made = registration.sign_up(form.data, with_tokens=False)
    except DomainError as refusal:
        form.refuse(refusal)
        return _sign_up_page(form)
    place = queries.Place(
        made.tenant.id, made.membership_id, "owner", made.tenant.subdomain, made.tenant.name, made.tenant.status
    )
    return _go_over(made.person_id, place)
