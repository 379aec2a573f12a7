"""Browsers that are signed in: Flask-Login keeps in the signed cookie who is, and gives it back.

What is kept is the name of a session in the database (and of its tenant), never a person: that row says, with every
request, whether the sign-in still holds and for whom. See docs/decisions/browsers-sign-in-through-flask-login.md.
"""

from __future__ import annotations

from uuid import UUID

from flask import Flask, Request, Response, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user


class BrowserUser(UserMixin):
    """Who Flask-Login thinks is there: a session of a tenant, at which the database has yet to look."""

    def __init__(self, tenant_id: UUID, session_id: UUID) -> None:
        self.tenant_id, self.session_id = tenant_id, session_id

    def get_id(self) -> str:
        """What the cookie keeps."""
        return f"{self.tenant_id}.{self.session_id}"


class _Manager(LoginManager):
    """Flask-Login without its "remember me" cookie: sessions last as it is.

    Looking for it would touch the session with every answer, static files too, and so forbid caches to share them.
    """

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, at no cost to programs, which send no cookie: nothing to be verified, no verifier is made."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


_manager = _Manager()
# Sessions are listed and revoked in the database; a phone that changes its network stays signed in.
_manager.session_protection = None


@_manager.user_loader
def read_user(user_id: str) -> BrowserUser | None:
    """The session that a cookie names, without looking whether it holds; None for what is no name."""
    tenant, _, own = user_id.partition(".")
    try:
        return BrowserUser(UUID(tenant), UUID(own))
    except ValueError:
        return None


def sign_in(tenant_id: UUID, session_id: UUID) -> None:
    """Let this browser carry a session; nothing stays of what the cookie held before."""
    session.clear()
    session.permanent = True
    login_user(BrowserUser(tenant_id, session_id))


def sign_out() -> None:
    """Take the session from this browser, and all else that the cookie held."""
    logout_user()
    session.clear()


def signed_in_as() -> BrowserUser | None:
    """The session that this request's cookie names; None without one."""
    g.pop("_login_user", None)  # where an application context spans requests (tests), the user is of one all the same
    user = current_user._get_current_object()  # noqa: SLF001 - the proxy itself is never None
    return user if isinstance(user, BrowserUser) else None


def init_app(app: Flask) -> None:
    """Let Flask-Login serve the application."""
    app.session_interface = _Sessions()
    _manager.init_app(app, add_context_processor=False)
