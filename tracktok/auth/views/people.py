"""Settings > People: who belongs to the company, and who is invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.auth import queries, rules, schemas
from tracktok.auth.rules import Role
from tracktok.auth.services import invitations, people
from tracktok.core import clock
from tracktok.core.permissions import current_actor, permits
from tracktok.tenants.queries import limit_of
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import redirect_to, render, toast
from tracktok.web.saving import go_on, save

from .blueprint import blueprint

ROLES: dict[Role, str] = {
    Role.owner: "Everything, and the plan",
    Role.admin: "Everything but the plan and owners",
    Role.analyst: "Reads everything, writes nothing but saved views",
    Role.member: "Records and sees their own expenses",
}
MEANINGS: dict[str, str] = {
    **{role.value: note for role, note in ROLES.items()},
    rules.Outsider.vendor: "Sees the trips and statements of their own firm",
    rules.Outsider.employee: "Sees their own trips and incentives",
}


def _roles() -> list[tuple[str, str, str]]:
    """The roles that the actor may give: (value, label, what it means)."""
    mine = current_actor().role
    return [(role.value, role.label, note) for role, note in ROLES.items() if rules.may_manage(mine, role)]


@blueprint.get("/settings/people", endpoint="people")
@permits("people.read")
def list_people() -> Response:
    """Who belongs to the company."""
    page = queries.list_people(cursor=request.args.get("cursor"), limit=50)
    now = clock.now()
    open_ones = [
        (row, rules.invitation_state(row.accepted_at, row.revoked_at, row.expires_at, now))
        for row in queries.list_invitations()
    ]
    return render(
        "auth/people.html",
        block={"people-more": "rows"},
        page=page,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        invitations=open_ones,
        used=people.count_users(),
        limit=limit_of("users"),
        own=current_actor().membership_id,
        roles={role.value: role.label for role in Role},
        may_manage=lambda role: rules.may_manage(current_actor().role, role),
    )


@blueprint.get("/settings/people/invite")
@permits("people.write")
def invite() -> Response:
    """The form to invite somebody."""
    return _invite_page(Form({"role": "member"}))


def _invite_page(form: Form[Any]) -> Response:
    return render("auth/invite.html", block="form", status=form.status, form=form, roles=_roles())


@blueprint.post("/settings/people/invite")
@permits("people.write")
def send_invitation() -> Response:
    """Invite somebody by e-mail."""
    return save(
        Form.read(schemas.InviteIn),
        lambda data: invitations.invite(data.email, data.role),
        lambda made: go_on(
            f"An invitation is on its way to {made.email}", url_for("auth.people"), another=url_for("auth.invite")
        ),
        _invite_page,
    )


@blueprint.post("/settings/people/invitations/<uuid:invitation_id>/send")
@permits("people.write")
def send_invitation_again(invitation_id: UUID) -> Response:
    """Send an invitation again."""
    made = invitations.send_again(invitation_id)
    toast(f"A new link is on its way to {made.email}")
    return redirect_to(url_for("auth.people"))


@blueprint.post("/settings/people/invitations/<uuid:invitation_id>/revoke")
@permits("people.write")
def revoke_invitation(invitation_id: UUID) -> Response:
    """Take an invitation back."""
    made = invitations.revoke(invitation_id)
    toast(f"The invitation of {made.email} is taken back")
    return redirect_to(url_for("auth.people"))


@blueprint.get("/settings/people/<uuid:membership_id>")
@permits("people.read")
def person(membership_id: UUID) -> Response:
    """Somebody of the company, and the form to change their role."""
    row = queries.get_person(membership_id)
    return _person_page(row, Form({"role": row.role}))


def _person_page(row: Any, form: Form[Any]) -> Response:
    who = current_actor()
    return render(
        "auth/person.html",
        block="form",
        status=form.status,
        form=form,
        person=row,
        name=" ".join(filter(None, (row.first_name, row.last_name))) or row.email,
        roles=_roles(),
        label=rules.label_of(row.role),
        meaning=MEANINGS[row.role],
        is_outsider=rules.is_outsider(row.role),
        own=row.id == who.membership_id,
        manageable=who.may("people.write") and rules.may_manage(who.role, row.role),
    )


@blueprint.post("/settings/people/<uuid:membership_id>/role")
@permits("people.write")
def change_role(membership_id: UUID) -> Response:
    """Give somebody another role."""
    row = queries.get_person(membership_id)
    form = Form.read(schemas.RoleIn)
    return save(
        form,
        lambda data: people.change_role(membership_id, data.role),
        lambda _: go_on(f"The role is now {rules.label_of(form.text('role')).lower()}", url_for("auth.people")),
        lambda form: _person_page(row, form),
    )


@blueprint.post("/settings/people/<uuid:membership_id>/deactivate")
@permits("people.write")
def deactivate(membership_id: UUID) -> Response:
    """Let somebody go; undone by letting them back in."""
    people.deactivate(membership_id)
    toast("They can no longer sign in here", undo=url_for("auth.reactivate", membership_id=membership_id))
    return redirect_to(url_for("auth.people"))


@blueprint.post("/settings/people/<uuid:membership_id>/reactivate")
@permits("people.write")
def reactivate(membership_id: UUID) -> Response:
    """Let somebody back in."""
    people.reactivate(membership_id)
    toast("They can sign in again")
    return redirect_to(url_for("auth.people"))


@blueprint.post("/settings/people/<uuid:membership_id>/transfer")
@permits("tenant.transfer")
def transfer_ownership(membership_id: UUID) -> Response:
    """Make somebody the owner; the actor becomes an admin."""
    people.transfer_ownership(membership_id)
    toast("The company has a new owner; you are now an admin")
    return redirect_to(url_for("auth.people"))
