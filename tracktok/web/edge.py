"""The edge of every request: who asks, for which tenant, may they; then one transaction around the view.

Subdomain and `X-Tenant-Id` select the tenant, membership (or the token's tenant) authorises; any disagreement is 403,
an unknown tenant 404. The view runs only when its `Access` allows; a view that names none is refused.
"""

from __future__ import annotations

import contextvars
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from flask import Request, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from tracktok.core import context, idempotency
from tracktok.core.context import Actor, RequestInfo
from tracktok.core.db import db
from tracktok.core.errors import BadRequest, DomainError, Forbidden, NotFound, UnsupportedMediaType
from tracktok.core.ids import new_id
from tracktok.core.permissions import ANY_PERSON, Access, access_of, largest_files_of, require
from tracktok.core.tenancy import tenant_scope

from . import metrics

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Nobody needs to be known for these, and they are too many to be worth a line in the log.
_WITHOUT_IDENTITY = {"health.alive", "health.ready", "assets.file", "assets.brand"}
_ETAGS = re.compile(r'\*|(?:W/)?"[!#-~]*"(?:\s*,\s*(?:W/)?"[!#-~]*")*')
_WRITES = {"POST", "PUT", "PATCH", "DELETE"}

ResolveTenant = Callable[[str], UUID | None]
Identify = Callable[[Request, UUID | None], "tuple[UUID, Callable[[], Actor]] | None"]
_resolve_tenant: ResolveTenant | None = None
_identify: Identify | None = None


class TenantNotFound(NotFound):
    code, title = "tenant_not_found", "Tenant not found"


class TenantMismatch(Forbidden):
    code, title = "tenant_mismatch", "This sign-in belongs to another tenant"


def provide_identity(resolve_tenant: ResolveTenant, identify: Identify) -> None:
    """The auth area says here how a tenant is found by subdomain or id, and how a request says who asks.

    `identify(request, selected tenant)` returns None for nobody, or the tenant that the credentials are for and a
    function that, called inside that tenant, loads the actor (and raises when the credentials no longer hold).
    """
    global _resolve_tenant, _identify
    _resolve_tenant, _identify = resolve_tenant, identify


def selected_subdomain() -> str | None:
    """The subdomain in the Host header, when it is one of ours."""
    base: str = current_app.config["BASE_DOMAIN"].lower()
    host = request.host.lower()
    if host.endswith("." + base):
        return host.removesuffix("." + base)
    # Behind a proxy, or in tests, the port may differ from the one in BASE_DOMAIN.
    name, bare = host.partition(":")[0], base.partition(":")[0]
    return name.removesuffix("." + bare) if name.endswith("." + bare) else None


def _selected_tenant() -> UUID | None:
    by_host, by_header = selected_subdomain(), request.headers.get("X-Tenant-Id")
    chosen: UUID | None = None
    for selector in (by_host, by_header):
        if not selector:
            continue
        found = _resolve_tenant(selector.strip()) if _resolve_tenant else None
        if found is None:
            raise TenantNotFound("There is no tenant of this name. Check the address.")
        if chosen is not None and found != chosen:
            raise TenantMismatch("The subdomain and X-Tenant-Id name different tenants.")
        chosen = found
    return chosen


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())
    g.started = time.perf_counter()
    g.scopes = ExitStack()
    g.pop("frame", None)  # where an application context spans requests (tests), the frame is of one all the same
    context.set_actor(None)
    context.set_request_info(
        RequestInfo(
            request_id=request_id,
            address=request.remote_addr or "",
            user_agent=(request.user_agent.string or "")[:300],
            route=f"{request.method} {request.url_rule.rule if request.url_rule else request.path}",
        )
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


def _admit() -> None:
    if request.routing_exception is not None or request.endpoint is None:
        return
    view = current_app.view_functions.get(request.endpoint)
    access = access_of(view)
    if access is None:
        if request.endpoint.endswith("static"):
            return
        raise Forbidden(f"The route {request.endpoint} names no permission.")
    if access.public_because and not access.needs_tenant and request.endpoint in _WITHOUT_IDENTITY:
        return
    _enter(access)
    if access.public_because:
        return
    require(access.permission or ANY_PERSON)
    if (setting := largest_files_of(view)) is not None and request.mimetype == "multipart/form-data":
        request.max_content_length = current_app.config[setting]


def _enter(access: Access) -> None:
    selected = _selected_tenant()
    try:
        identity = _identify(request, selected) if _identify else None
    except DomainError:
        if not access.public_because:
            raise
        identity = None
    tenant_id = selected
    if identity is not None:
        owner, load_actor = identity
        if selected is not None and owner != selected:
            if not access.public_because:
                raise TenantMismatch("This sign-in belongs to another tenant. Sign in again for this one.")
            identity = None
        else:
            tenant_id = owner
    if tenant_id is None:
        if access.needs_tenant and not access.public_because and identity is None:
            require(ANY_PERSON)
        if access.needs_tenant:
            raise BadRequest("Name the tenant: by its subdomain or by the header X-Tenant-Id.")
        return
    g.scopes.enter_context(tenant_scope(tenant_id))
    if identity is not None:
        try:
            context.set_actor(load_actor())
        except DomainError:
            if not access.public_because:
                raise


def _check_if_match() -> None:
    """A precondition that cannot be read is refused: it would protect nobody."""
    wanted = request.headers.get("If-Match")
    if wanted is None or request.routing_exception is not None or not request.path.startswith("/api/"):
        return
    if not _ETAGS.fullmatch(wanted.strip()):
        raise BadRequest('If-Match takes the ETag of what was read, as it was sent: "3", or *.')


def _check_body() -> None:
    """Bodies that cannot be read at all are told apart (400, 415) from those that are not valid (422)."""
    if request.method not in _WRITES or not request.path.startswith("/api/"):
        return
    if not request.content_length:
        return
    kind = request.mimetype
    if kind == "application/json" or kind.endswith("+json"):
        try:
            request.get_json(silent=False)
        except RequestEntityTooLarge:
            raise
        except Exception as error:
            raise BadRequest("The body is not valid JSON.") from error
        if not isinstance(request.get_json(), dict | list):
            raise BadRequest("The body must be a JSON object.")
    elif kind not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise UnsupportedMediaType("Send application/json, or multipart/form-data for files.")


def _finish(response: Response) -> Response:
    info = context.request_info()
    response.headers["X-Request-Id"] = info.request_id
    seconds = time.perf_counter() - g.started
    metrics.observe_request(info.route if request.url_rule else "unmatched", response.status_code, seconds)
    if request.endpoint not in _WITHOUT_IDENTITY:
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            person_id=str(who.person_id) if (who := context.actor()) and who.person_id else None,
        )
    response.headers.setdefault("Server-Timing", f"app;dur={seconds * 1000:.1f}")
    return response


def _leave(_error: BaseException | None) -> None:
    scopes: ExitStack | None = g.pop("scopes", None)
    if scopes is not None:
        scopes.close()
    context.set_actor(None)


def in_transaction(dispatch: Callable[[], Any]) -> Response:
    """Run a view as one unit of work: committed when it answers with success, rolled back otherwise."""
    key = request.headers.get("Idempotency-Key")
    try:
        if key is not None and request.method == "POST" and _scoped() and request.path.startswith("/api/"):
            response = idempotency.once(request, request.path, key, lambda: current_app.make_response(dispatch()))
        else:
            response = current_app.make_response(dispatch())
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
    except BaseException:
        db.session.rollback()
        raise
    return response


def _scoped() -> bool:
    current = context.scope()
    return current is not None and current.tenant_id is not None and not request.path.startswith("/api/v1/auth/")


def stream_in_scope(make: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """A body that is made while it is sent, in the tenant and as the actor of this request.

    The request's own session is closed by then: the generator gets a scope, and so a session, of its own.
    """
    tenant_id = context.scope()
    if tenant_id is None or tenant_id.tenant_id is None:
        raise BadRequest
    application: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    scope_id, preferences = tenant_id.tenant_id, context.preferences()
    own = contextvars.copy_context()

    def body() -> Iterator[bytes]:
        with application.app_context(), tenant_scope(scope_id) as inner:
            inner.preferences = preferences
            yield from make()

    def stepwise() -> Iterator[bytes]:
        pieces = body()
        try:
            while (piece := own.run(next, pieces, None)) is not None:
                yield piece
        finally:
            own.run(pieces.close)  # type: ignore[attr-defined]

    return stepwise()


def json_body() -> Any:
    """The parsed JSON of the request (the edge has checked that it parses)."""
    return json.loads(request.get_data(cache=True) or b"null")


def init_app(app: Flask) -> None:
    """Install the edge. Each request runs in a context of its own, so nothing ambient outlives it."""
    app.before_request(_begin)
    app.before_request(_admit)
    app.before_request(_check_if_match)
    app.before_request(_check_body)
    app.after_request(_finish)
    app.teardown_request(_leave)
    inner = app.wsgi_app

    def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
        return contextvars.copy_context().run(inner, environ, start_response)

    app.wsgi_app = wsgi  # type: ignore[method-assign]
