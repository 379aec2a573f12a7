"""One's own account: name, password, sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, session, url_for

from tracktok.auth import queries, rules, schemas
from tracktok.auth.services import account, people, sessions
from tracktok.core.permissions import current_actor, signed_in
from tracktok.web import devices
from tracktok.web.forms import Form
from tracktok.web.limits import sign_in_limit
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import go_on, save

from .blueprint import blueprint


def _own() -> Any:
    who = current_actor()
    assert who.membership_id is not None  # noqa: S101 - `signed_in` lets people of the company in only
    return queries.get_person(who.membership_id)


def _profile_page(name: Form[Any] | None = None, password: Form[Any] | None = None) -> Response:
    person = _own()
    form = name or Form({"first_name": person.first_name, "last_name": person.last_name})
    secret = password or Form({})
    block = "name_form" if name else "password_form" if password else None
    return render(
        "auth/profile.html", block=block, status=max(form.status, secret.status), form=form, secret=secret,
        person=person, role=rules.label_of(person.role),
    )  # fmt: skip


@blueprint.get("/profile")
@signed_in
def profile() -> Response:
    """One's name, address and password."""
    return _profile_page()


@blueprint.post("/profile")
@signed_in
def save_profile() -> Response:
    """Change one's name."""
    return save(
        Form.read(schemas.ProfileIn),
        lambda data: account.rename(data.first_name or "", data.last_name or ""),
        lambda _: go_on("Your name is saved", url_for("auth.profile")),
        lambda form: _profile_page(name=form),
    )


@blueprint.post("/profile/password")
@signed_in
@sign_in_limit
def change_password() -> Response:
    """Change one's password; other sessions end."""
    return save(
        Form.read(schemas.ChangePasswordIn),
        lambda data: account.change_password(data.current_password, data.password),
        lambda _: go_on("Your password is changed. Other sessions were ended.", url_for("auth.profile")),
        lambda form: _profile_page(password=form),
    )


@blueprint.post("/profile/verify")
@signed_in
@sign_in_limit
def send_verification() -> Response:
    """Send the link to confirm one's address again."""
    sent = account.ask_for_verification()
    toast("A mail is on its way" if sent else "Your address is confirmed already", "info")
    return redirect_to(url_for("auth.profile"))


@blueprint.post("/profile/leave")
@signed_in
def leave() -> Response:
    """Leave the company."""
    people.leave()
    session.clear()
    toast("You have left the company", "info")
    return redirect_to(url_for("auth.sign_in"))


@blueprint.get("/sessions", endpoint="sessions")
@signed_in
def list_sessions() -> Response:
    """One's open sign-ins, in every company."""
    who = current_actor()
    rows = queries.sessions_of(_own().person_id)
    return render(
        "auth/sessions.html", sessions=[(row, devices.device(row.user_agent)) for row in rows], own=who.session_id
    )


@blueprint.post("/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    """End one of one's sign-ins."""
    sessions.end_own_session(_own().person_id, session_id)
    toast("The session is ended")
    return redirect_to(url_for("auth.sessions"))


@blueprint.post("/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    """End all sign-ins but this one."""
    who = current_actor()
    ended = sessions.end_all_sessions(_own().person_id, "ended by its owner", but=who.session_id)
    toast(f"{ended} other session{'s' if ended != 1 else ''} ended")
    return redirect_to(url_for("auth.sessions"))
