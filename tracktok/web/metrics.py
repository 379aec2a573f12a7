"""Figures for Prometheus. `/metrics` is for the operator: loopback addresses, or a bearer token."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from tracktok.core.errors import NotFound
from tracktok.core.permissions import public

if TYPE_CHECKING:
    from flask import Flask

blueprint = Blueprint("metrics", __name__)
REQUESTS = Counter("tracktok_requests_total", "Requests answered", ["route", "status"])
SECONDS = Histogram(
    "tracktok_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def observe_request(route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


@blueprint.get("/metrics")
@public("guarded by its own token or by the loopback address")
def show() -> Response:
    """The figures of all web processes (with PROMETHEUS_MULTIPROC_DIR, as scripts/start sets it), else of this one."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    local = request.remote_addr in {"127.0.0.1", "::1"}
    if not (hmac.compare_digest(given, token) if token else local):
        raise NotFound
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Add the route."""
    app.register_blueprint(blueprint)
