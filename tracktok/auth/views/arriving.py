"""What the links in mails lead to: confirming an address, a new password, an invitation."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from tracktok.auth import queries, schemas
from tracktok.auth.rules import label_of
from tracktok.auth.services import account, invitations
from tracktok.auth.services.links import LinkInvalid, peek_link_token
from tracktok.auth.services.signing_in import known_person
from tracktok.core import context
from tracktok.core.errors import DomainError
from tracktok.core.permissions import public
from tracktok.core.tenancy import current_tenant_or_none, door
from tracktok.web.forms import Form
from tracktok.web.limits import sign_in_limit
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import go_on, save

from .blueprint import blueprint
from .signing import begin_session


@blueprint.get("/verify")
@public("the link may be opened where nobody is signed in")
def verify() -> Response:
    """Confirm an address with the mailed link. Reading it twice is harmless: mail scanners do."""
    try:
        account.verify_email(request.args.get("token", ""))
    except DomainError as refusal:
        return render("auth/verify.html", status=refusal.status, problem=refusal.detail)
    if context.actor() is not None:
        toast("Your e-mail address is confirmed")
        return redirect_to(url_for("auth.home"))
    return render("auth/verify.html", problem="")


@blueprint.get("/forgot")
@public("whoever forgot a password cannot sign in")
def forgot() -> Response:
    """The form to ask for a new password."""
    return render("auth/forgot.html", form=Form({"email": request.args.get("email", "")}), sent="")


@blueprint.post("/forgot")
@public("whoever forgot a password cannot sign in")
@sign_in_limit
def forgot_post() -> Response:
    """Ask for a link. The answer is the same, and as late, whether or not anybody has the address."""
    form = Form.read(schemas.EmailIn)
    sent = ""
    if form.data is not None:
        with account.same_time_for_all():
            account.ask_for_reset(form.data.email, current_tenant_or_none())
        sent = form.data.email
    return render("auth/forgot.html", block="form", status=form.status, form=form, sent=sent)


@blueprint.get("/reset")
@public("the link itself is the proof")
def reset() -> Response:
    """The form to choose a new password."""
    token = request.args.get("token", "")
    try:
        with door("a link to choose a password"):
            peek_link_token(token, "reset_password")
    except LinkInvalid as refusal:
        return render("auth/reset.html", status=refusal.status, problem=refusal.detail, form=None, token="")
    return _reset_page(Form({}), token)


def _reset_page(form: Form[Any], token: str) -> Response:
    return render("auth/reset.html", block="form", status=form.status, form=form, token=token, problem="")


@blueprint.post("/reset")
@public("the link itself is the proof")
@sign_in_limit
def reset_post() -> Response:
    """Choose a new password."""
    return save(
        Form.read(schemas.ResetIn),
        lambda data: account.reset_password(data.token, data.password),
        lambda _: go_on("Your password is changed. Sign in with it.", url_for("auth.sign_in")),
        lambda form: _reset_page(form, form.text("token")),
    )


@blueprint.get("/invite/<token>")
@public("who is invited is nobody here yet")
def invited(token: str) -> Response:
    """What an invitation is for, and the form to accept it."""
    try:
        invitation = invitations.look_at(token)
    except DomainError as refusal:
        return render("auth/invited.html", status=refusal.status, problem=refusal.detail, invitation=None, form=None)
    return _invited_page(Form({}), token, invitation)


def _invited_page(form: Form[Any], token: str, invitation: invitations.OpenInvitation) -> Response:
    return render(
        "auth/invited.html", block="form", status=form.status, form=form, token=token, invitation=invitation,
        role=label_of(invitation.role).lower(), problem="",
    )  # fmt: skip


@blueprint.post("/invite/<token>")
@public("who is invited is nobody here yet")
@sign_in_limit
def accept_invitation(token: str) -> Response:
    """Join the company, and be signed in."""
    form = Form.read(schemas.AcceptIn, token=token)
    try:
        invitation = invitations.look_at(token)
        if form.data is None:
            return _invited_page(form, token, invitation)
        joined = invitations.accept(token, form.data.password, form.data.first_name, form.data.last_name)
    except invitations.InvitationInvalid as refusal:
        return render("auth/invited.html", status=refusal.status, problem=refusal.detail, invitation=None, form=None)
    except DomainError as refusal:
        form.refuse(refusal)
        return _invited_page(form, token, invitation)
    person = known_person(joined.person_id)
    place = next(place for place in queries.places_of(person.id) if place.tenant_id == joined.tenant_id)
    begin_session(person, place)
    toast(f"Welcome to {place.name}")
    return redirect_to(url_for("auth.home"))
