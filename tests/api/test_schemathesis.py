"""The API behaves as its description says, whoever asks and whatever is sent: all checks of schemathesis.

The owner's run makes the requests, valid and not; the other actors then send a sample of the same ones (what is slow
is to make them). They are the edges of every schema, the same in each run. `SCHEMATHESIS_EXAMPLES=50` adds random ones.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.engine import events, from_schema
from werkzeug.serving import make_server

from tests.factories.tenants import Company, Member

SEED = 20261121
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
MOST_CASES = int(os.environ.get("SCHEMATHESIS_CASES", "40"))
"""How many of each operation's requests are sent at most: an invoice's schema alone has hundreds of edges. Those sent
are spread over all of them, and the same in each run."""
SENT_BY_OTHERS = 4
"""How many of each operation's requests every other actor sends."""
# A body can be well-formed and still name what is not there, or be over a limit of the plan: that is told by 422 or
# 402. A link that was used up is 400; versions and states are 412 and 409; a file that is too large or of
# another type is 413 or 415.
REFUSALS = ["2xx", "3xx", "400", "401", "402", "403", "404", "409", "412", "413", "415", "422", "429"]
ENDS_SESSIONS = r"/auth/(logout|change-password|sessions|reset-password)|/transfer-ownership"
"""What may end the sign-in of who calls it: called with a new one each time."""
Told = dict[str, list[str]]


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The address at which the application answers meanwhile."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def configuration(company: Company) -> SchemathesisConfig:
    """Which checks are made, and how."""
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "continue-on-failure": True,
            "parameters": {"header.X-Tenant-Id": str(company.id)},
            "generation": {"max-examples": max(1, EXAMPLES), "no-shrink": True, "database": "none"},
            "phases": {
                "stateful": {"enabled": False},
                "fuzzing": {"enabled": EXAMPLES > 0},
                "coverage": {"unexpected-methods": ["trace", "put"]},
            },
            "checks": {
                "positive_data_acceptance": {"expected-statuses": REFUSALS},
                # An If-Match that is no ETag fits no version: 412.
                "negative_data_rejection": {"expected-statuses": [*REFUSALS[2:], "405", "406", "428", "5xx"]},
            },
        }
    )


def owner_of(app: Flask, company: Company) -> type:
    """How the requests of the first run are signed in."""
    kept: dict[str, str] = {}

    class Owner:
        def get(self, case: Any, _context: Any) -> dict[str, str]:
            with app.app_context():
                if re.search(ENDS_SESSIONS, case.operation.path):
                    return company.owner.headers
                if not kept:
                    kept.update(company.owner.headers)
            return kept

        def set(self, case: Any, data: dict[str, str], _context: Any) -> None:
            case.headers = {**(case.headers or {}), **data}

    return Owner


def fewer(schema: Any) -> Any:
    """The schema, with at most MOST_CASES edges of each operation."""
    every = schema.iter_coverage_cases

    def some(*args: Any, **kwargs: Any) -> Iterator[Any]:
        cases = list(every(*args, **kwargs))
        yield from cases[:: -(-len(cases) // MOST_CASES) or 1]

    schema.iter_coverage_cases = some
    return schema


def run_all(schema: Any, told: Told) -> dict[str, list[Any]]:
    """Make and send requests of every operation; returns them by operation, and adds what went wrong to `told`."""
    sent: dict[str, list[Any]] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            told.setdefault(f"owner: {event.label}", []).append(repr(event.value))
        elif isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            sent.setdefault(recorder.label, []).extend(node.value for node in recorder.cases.values())
            for checks in recorder.checks.values():
                for info in filter(None, (check.failure_info for check in checks)):
                    text = f"{info.failure.title}: {info.failure.message}\n{info.code_sample}"
                    told.setdefault(f"owner: {recorder.label}", []).append(text)
    return sent


def spread(cases: list[Any], count: int) -> list[Any]:
    """Some of them, from the first to the last, without those of methods that the path does not have."""
    cases = [case for case in cases if case.method == case.operation.method.upper()]
    return cases[:: max(1, len(cases) // count)][:count]


def send_again(actor: str, cases: list[Any], address: str, headers: dict[str, str], told: Told) -> set[int]:
    """Send requests as somebody else, with all checks; returns the statuses that were answered."""
    statuses = set()
    for case in cases:
        if actor == "other_tenant":
            case.headers.pop("X-Tenant-Id", None)
        try:
            statuses.add(case.call_and_validate(base_url=address, headers=headers).status_code)
        except FailureGroup as group:
            for failure in group.exceptions:
                words = f"{failure.title}: {failure.message}" if isinstance(failure, Failure) else repr(failure)
                text = f"{words}\n{case.as_curl_command()}"
                told.setdefault(f"{actor}: {case.operation.label}", []).append(text)
    return statuses


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_api_keeps_what_its_description_says(app: Flask, company: Company, other_company: Company):
    told: Told = {}
    people: dict[str, Member | None] = {role: company.member(role) for role in ("admin", "analyst", "member")}
    people |= {"other_tenant": other_company.owner, "anonymous": None}
    with listening(app) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=configuration(company))
        schema.auth(refresh_interval=None)(owner_of(app, company))
        sent = run_all(fewer(schema), told)
        assert len(sent) == sum(len(item) for item in schema.raw_schema["paths"].values())
        for actor, person in people.items():
            usual = person.headers if person else {}
            for label, cases in sent.items():
                headers = person.headers if person and re.search(ENDS_SESSIONS, label) else usual
                statuses = send_again(actor, spread(cases, SENT_BY_OTHERS), address, headers, told)
                if actor == "other_tenant" and "{" in label:
                    assert not any(status < 400 for status in statuses), label
    assert not told, "\n\n".join(f"{what} ({len(all_)} times)\n{all_[0]}" for what, all_ in told.items())
