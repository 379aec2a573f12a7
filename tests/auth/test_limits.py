"""Rate limits and growing delays, with Redis and without."""

from __future__ import annotations

import dataclasses
import time

import pytest

from tests.factories.tenants import PASSWORD
from tracktok.app import _bind_worker, create_app
from tracktok.auth.rules import sign_in_delay
from tracktok.auth.services import attempts
from tracktok.config import Config
from tracktok.core import cache, context
from tracktok.core.context import RequestInfo
from tracktok.core.db import db
from tracktok.core.errors import TooManyRequests
from tracktok.core.ids import new_id
from tracktok.web.limits import limiter

NOWHERE = "redis://127.0.0.1:1/0"


def test_delays_grow_to_a_quarter_of_an_hour():
    delays = [sign_in_delay(attempt) for attempt in range(1, 16)]
    assert delays == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


@pytest.fixture
def limited(app):
    """Another application on the same database, with small limits."""
    made = []

    def make(**over):
        settings = {name: app.config[name.upper()] for name in (f.name for f in dataclasses.fields(Config))}
        address = f"10.{new_id().int % 250}.{new_id().int % 249}.{new_id().int % 248}"
        application = create_app(Config(**{**settings, "rate_limits_enabled": True, **over}))
        made.append(application)
        client = application.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return client

    yield make
    limiter.enabled = False
    for application in made:
        with application.app_context():
            db.engine.dispose()
    _bind_worker(app)


@pytest.mark.parametrize("redis_url", [None, NOWHERE], ids=["redis", "no redis"])
def test_sign_ins_from_one_address_are_limited(limited, company, redis_url):
    over = {"redis_url": redis_url} if redis_url else {}
    client = limited(rate_limit_sign_in="3 per minute", **over)
    body = {"email": company.owner.email, "password": PASSWORD}
    answers = [client.post("/api/v1/auth/login", json=body) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Remaining"] == "2"
    assert "Retry-After" not in answers[0].headers
    refused = answers[3]
    assert refused.content_type == "application/problem+json"
    assert refused.json["code"] == "too_many_requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert 0 < int(refused.headers["RateLimit-Reset"]) <= 61
    forgot = client.post("/api/v1/auth/forgot-password", json={"email": "x@example.com"})
    assert forgot.status_code == 429, "all routes that take secrets share one count"


def _in_one_hour(seconds: int = 20) -> None:
    """Windows begin with the clock's: wait for the next one when the present one ends within `seconds`."""
    left = 3600 - time.time() % 3600
    if left < seconds:
        time.sleep(left + 0.1)


def test_each_person_and_each_tenant_has_a_limit(limited, company, other_company):
    client = limited(rate_limit_default="2 per hour", rate_limit_tenant="3 per hour")
    _in_one_hour()

    def get(member) -> int:
        return client.get("/api/v1/auth/me", headers=member.headers).status_code

    assert [get(company.owner) for _ in range(3)] == [200, 200, 429]
    assert get(company.member("member")) == 200
    assert get(company.member("admin")) == 429, "the tenant's people together"
    assert get(other_company.owner) == 200, "another tenant feels nothing"
    assert client.get("/healthz").status_code == 200


def test_delays_without_redis_are_counted_in_the_process(app_context, monkeypatch):
    from redis import Redis

    monkeypatch.setattr(cache, "client", lambda: Redis.from_url(NOWHERE, socket_connect_timeout=0.1))
    account = f"kim@{new_id().hex}.test"
    context.set_request_info(RequestInfo(address="10.0.0.1"))
    for _ in range(3):
        attempts.begin(account)
    with pytest.raises(TooManyRequests, match="1 second") as refused:
        attempts.begin(account)
    assert refused.value.headers == {"Retry-After": "1"}
    context.set_request_info(RequestInfo(address="10.0.0.2"))
    attempts.begin(account)
    context.set_request_info(RequestInfo(address="10.0.0.1"))
    attempts.succeeded(account)
    attempts.begin(account)
    context.set_request_info(RequestInfo())
