"""The JSON routes of signing up and signing in, and of one's own account."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core import clock
from tracktok.core.context import Actor
from tracktok.core.permissions import current_actor, permits, public, signed_in
from tracktok.core.tenancy import current_tenant_or_none
from tracktok.tenants.queries import get_current
from tracktok.tenants.schemas import tenant_out
from tracktok.web.api import Api, check_if_match, instant, json_response, list_response
from tracktok.web.edge import TenantNotFound
from tracktok.web.limits import sign_in_limit

from . import queries, rules, schemas
from .services import account, invitations, people, registration, sessions, signing_in
from .services.sessions import Tokens

api = Api("auth", __name__, prefix="/auth", tag="Sign-in", anonymous=True)
account_api = Api("account", __name__, prefix="/auth", tag="Sign-in")
people_api = Api("people", __name__, prefix="/people", tag="People")
invitations_api = Api("invitations", __name__, prefix="/invitations", tag="People")


def _tokens(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": tokens.token_type,
        "expires_in": tokens.expires_in,
    }


@api.post("/register", responses={201: schemas.SignedInOut})
@public("anybody may sign up a company")
@sign_in_limit
def register(body: schemas.RegisterIn) -> Response:
    """Sign up a company: the tenant, its owner, its books and defaults, and the trial."""
    made = registration.sign_up(body)
    user = schemas.user_out(made, "owner", made.person_id)
    tokens = made.tokens
    assert tokens is not None  # noqa: S101 - sessions of the API have tokens
    return json_response(
        {"tenant": tenant_out(made.tenant), "user": user, **_tokens(tokens)}, 201, location="/api/v1/tenants/me"
    )


@api.post("/login", responses={200: schemas.SignedInOut})
@public("signing in")
@sign_in_limit
def login(body: schemas.LoginIn) -> Response:
    """Sign in. 409 with the choices when the person has several companies and none is named."""
    tenant_id = current_tenant_or_none()
    if body.tenant:
        named = queries.find_tenant_id(body.tenant)
        if named is None or (tenant_id is not None and named != tenant_id):
            raise TenantNotFound("There is no company of this name here. Check the address.")
        tenant_id = named
    signed = signing_in.sign_in_by_api(body.email, body.password, tenant_id)
    user = schemas.user_out(signed.person, signed.role)
    return json_response({"tenant": tenant_out(signed.tenant), "user": user, **_tokens(signed.tokens)})


@api.post("/refresh", responses={200: schemas.TokensOut})
@public("an ended access token cannot name its holder")
@sign_in_limit
def refresh(body: schemas.RefreshIn) -> Response:
    """Change a refresh token for a new pair. One that was used before ends the session."""
    return json_response(_tokens(sessions.refresh(body.refresh_token)))


@api.post("/forgot-password", responses={202: schemas.AcceptedOut})
@public("whoever forgot a password cannot sign in")
@sign_in_limit
def forgot_password(body: schemas.EmailIn) -> Response:
    """Ask for a link to choose a new password. The answer is the same, and as late, whether or not anybody has it."""
    with account.same_time_for_all():
        account.ask_for_reset(body.email, current_tenant_or_none())
    return json_response({"detail": "If somebody has this address, a mail with a link is on its way."}, 202)


@api.post("/reset-password", responses={200: schemas.AcceptedOut})
@public("whoever forgot a password cannot sign in")
@sign_in_limit
def reset_password(body: schemas.ResetIn) -> Response:
    """Choose a new password with the token of the link. Ends all sessions of the person."""
    account.reset_password(body.token, body.password)
    return json_response({"detail": "The password is changed. Sign in with it."})


@api.post("/verify-email", responses={200: schemas.AcceptedOut})
@public("the link may be opened where nobody is signed in")
@sign_in_limit
def verify_email(body: schemas.VerifyIn) -> Response:
    """Confirm an e-mail address with the token of the link."""
    account.verify_email(body.token)
    return json_response({"detail": "The address is confirmed."})


@account_api.post("/verify-email/send", responses={202: schemas.AcceptedOut})
@signed_in
@sign_in_limit
def send_verification() -> Response:
    """Ask for a new link to confirm one's address."""
    sent = account.ask_for_verification()
    return json_response({"detail": "A mail is on its way." if sent else "The address is confirmed already."}, 202)


@account_api.post("/logout", responses={204: None})
@signed_in
def logout() -> Response:
    """Sign out: the session ends, with its tokens."""
    who = current_actor()
    if who.session_id is not None:
        sessions.end_session(who.session_id, "signed out")
    return Response(status=204)


@account_api.post("/logout-all", responses={200: schemas.EndedOut})
@signed_in
def logout_all() -> Response:
    """Sign out everywhere: all sessions of the person end, in every company."""
    return json_response({"ended": sessions.end_all_sessions(_person_id(), "signed out everywhere")})


@account_api.post("/change-password", responses={200: schemas.AcceptedOut})
@signed_in
@sign_in_limit
def change_password(body: schemas.ChangePasswordIn) -> Response:
    """Change one's password. The other sessions end."""
    account.change_password(body.current_password, body.password)
    return json_response({"detail": "The password is changed. Other sessions were ended."})


@account_api.get("/me", responses={200: schemas.MeOut})
@signed_in
def me() -> Response:
    """Who is signed in, where, and what they may do."""
    return json_response(_me(current_actor()))


@account_api.patch("/me", responses={200: schemas.MeOut})
@signed_in
def rename(body: schemas.ProfileIn) -> Response:
    """Change one's own name."""
    account.rename(body.first_name, body.last_name)
    return json_response(_me(current_actor()))


@account_api.get("/sessions", responses={200: schemas.SessionList})
@signed_in
def list_sessions() -> Response:
    """One's own open sign-ins, in every company."""
    who = current_actor()
    rows = queries.sessions_of(_person_id())
    return json_response({
        "object": "list",
        "data": [
            {
                "id": str(row.id),
                "kind": row.kind,
                "company": row.company,
                "address": row.address,
                "user_agent": row.user_agent,
                "created_at": instant(row.created_at),
                "last_seen_at": instant(row.last_seen_at),
                "expires_at": instant(row.expires_at),
                "current": row.id == who.session_id,
            }
            for row in rows
        ],
        "has_more": False,
        "next_cursor": None,
    })  # fmt: skip


@account_api.delete("/sessions/<uuid:session_id>", responses={204: None})
@signed_in
def end_session(path: schemas.SessionPath) -> Response:
    """End one of one's own sign-ins."""
    sessions.end_own_session(_person_id(), path.session_id)
    return Response(status=204)


def _person_id() -> Any:
    person_id = current_actor().person_id
    assert person_id is not None  # noqa: S101 - `signed_in` lets people in only
    return person_id


def _me(who: Actor) -> dict[str, Any]:
    person = queries.get_person(who.membership_id)  # type: ignore[arg-type]
    return {
        "user": schemas.user_out(person, person.role, person.person_id),
        "tenant": tenant_out(get_current()),
        "permissions": sorted(who.permissions),
        "tenants": [
            {"id": str(place.tenant_id), "subdomain": place.subdomain, "name": place.name, "role": place.role}
            for place in queries.places_of(person.person_id)
        ],
    }


@people_api.get("/", responses={200: schemas.PeopleList})
@permits("people.read")
def list_people(query: schemas.PeopleQuery) -> Response:
    """Who belongs to the company."""
    page = queries.list_people(status=query.status, cursor=query.cursor, limit=query.limit)
    return list_response(page, [_person(row) for row in page.rows])


@people_api.get("/<uuid:membership_id>", responses={200: schemas.PersonOut})
@permits("people.read")
def show_person(path: schemas.PersonPath) -> Response:
    """Somebody of the company."""
    row = queries.get_person(path.membership_id)
    return json_response(_person(row), etag=row.version)


@people_api.patch("/<uuid:membership_id>", responses={200: schemas.PersonOut})
@permits("people.write")
def change_person(path: schemas.PersonPath, body: schemas.PersonPatch) -> Response:
    """Give somebody another role, let them go, or let them back in."""
    check_if_match(queries.get_person(path.membership_id).version)
    if body.role is not None:
        people.change_role(path.membership_id, body.role)
    if body.status == rules.MembershipStatus.deactivated:
        people.deactivate(path.membership_id)
    elif body.status == rules.MembershipStatus.active:
        people.reactivate(path.membership_id)
    row = queries.get_person(path.membership_id)
    return json_response(_person(row), etag=row.version)


@people_api.delete("/<uuid:membership_id>", responses={204: None})
@permits("people.write")
def deactivate_person(path: schemas.PersonPath) -> Response:
    """Let somebody go. What they did stays; they can be let back in."""
    people.deactivate(path.membership_id)
    return Response(status=204)


@people_api.post("/<uuid:membership_id>/transfer-ownership", responses={200: schemas.PersonOut})
@permits("tenant.transfer")
def transfer(path: schemas.PersonPath) -> Response:
    """Make somebody the owner; you become an admin."""
    people.transfer_ownership(path.membership_id)
    row = queries.get_person(path.membership_id)
    return json_response(_person(row), etag=row.version)


def _person(row: Any) -> dict[str, Any]:
    return {
        **schemas.user_out(row, row.role, row.person_id),
        "id": str(row.id),
        "person_id": str(row.person_id),
        "status": row.status,
        "last_seen_at": instant(row.last_seen_at),
        "created_at": instant(row.created_at),
        "version": row.version,
    }


@invitations_api.get("/", responses={200: schemas.InvitationList})
@permits("people.read")
def list_invitations() -> Response:
    """The newest hundred invitations."""
    data = [_invitation(row) for row in queries.list_invitations(all_of_them=True)]
    return json_response({"object": "list", "data": data, "has_more": False, "next_cursor": None})


@invitations_api.post("/", responses={201: schemas.InvitationOut})
@permits("people.write")
def invite(body: schemas.InviteIn) -> Response:
    """Invite somebody by e-mail. 402 when the plan has no room."""
    return json_response(_invitation(invitations.invite(body.email, body.role)), 201)


@invitations_api.post("/<uuid:invitation_id>/send", responses={200: schemas.InvitationOut})
@permits("people.write")
def send_invitation(path: schemas.InvitationPath) -> Response:
    """Send an invitation again, with a new link."""
    return json_response(_invitation(invitations.send_again(path.invitation_id)))


@invitations_api.delete("/<uuid:invitation_id>", responses={204: None})
@permits("people.write")
def revoke_invitation(path: schemas.InvitationPath) -> Response:
    """Take an invitation back."""
    invitations.revoke(path.invitation_id)
    return Response(status=204)


@api.post("/accept-invitation", responses={200: schemas.SignedInOut})
@public("who is invited is nobody here yet")
@sign_in_limit
def accept_invitation(body: schemas.AcceptIn) -> Response:
    """Accept an invitation, and be signed in."""
    joined = invitations.accept(body.token, body.password, body.first_name, body.last_name)
    signed = signing_in.sign_in_by_api(joined.email, body.password, joined.tenant_id)
    user = schemas.user_out(signed.person, signed.role)
    return json_response({"tenant": tenant_out(signed.tenant), "user": user, **_tokens(signed.tokens)})


def _invitation(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "email": row.email,
        "role": row.role,
        "status": rules.invitation_state(row.accepted_at, row.revoked_at, row.expires_at, clock.now()),
        "created_at": instant(row.created_at),
        "expires_at": instant(row.expires_at),
    }


APIS = (api, account_api, people_api, invitations_api)
