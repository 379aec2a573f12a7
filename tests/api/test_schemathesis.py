"""The API behaves as its description says, whoever asks and whatever is sent: all checks of schemathesis.

The owner's run makes the requests, valid and not; the other actors then send a sample of the same ones (what is slow
is to make them). They are the edges of every schema, the same in each run. `SCHEMATHESIS_EXAMPLES=50` adds random ones,
`SCHEMATHESIS_CASES=1000` sends every edge, `SCHEMATHESIS_ONLY=/budgets` looks at these paths only.
Requests that are right name things that are there (see `things.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.engine import events, from_schema

from tests.api.asking import (
    ELSEWHERE,
    ENDS_SESSIONS,
    KEPT,
    Asker,
    Told,
    configuration,
    listening,
    may_use,
    send_again,
)
from tests.api.things import Things
from tests.factories.tenants import Company, Member, make_company, make_platform_admin
from tracktok.core.ids import new_id

ONLY = os.environ.get("SCHEMATHESIS_ONLY", "")
"""A pattern of paths, to look at some operations while one works on them."""
MOST_CASES = int(os.environ.get("SCHEMATHESIS_CASES", "20"))
"""How many edges of its body, and of its query, each operation is sent.

The description has 24,600 edges; one costs 16 ms to make, send and check, so that all of them would take longer than
the rest of the tests together. 20 are what fits into 100 seconds of the whole command on two cores, with what the other
actors send. A third of the operations have no more; the large schemas (an invoice has 500) are shared by three to seven
operations, and each of these begins at another edge, so that together they send many. SCHEMATHESIS_CASES sends all:
run it when a schema changes much.
"""
MOST_ELSEWHERE = {"header": 4, "path": 3, "None": 1}
"""The same of headers, ids in addresses and methods: these are the same for all operations, so each sends a few."""
BENT = {"header", "path"}
"""Places where what is wrong is not sent again: the sender's own headers, and ids of things, are put there."""
TENANT_HEADER = "X-Tenant-Id"
PARTS = 4
"""Into how many tests the operations are dealt, for processes that run beside each other."""
SENT_BY_WHO_MAY, SENT_BY_OTHERS = 3, 2
"""How many of each operation's requests every other actor sends: nothing is looked at for who may not use it."""
TURNED_AWAY = 0.1
"""The largest share of 401, 403 and 404 among the answers to right requests: with more, nothing is tested."""
NEVER_GOOD = 0.25
"""The largest share of operations that no request was good for: bodies that must be true of what is there, such as
lines of an invoice, are no edges of a schema. (tests/api/test_everybody.py wants 2xx of each.)"""


def owner_of(app: Flask, company: Company) -> type:
    """How the requests of the first run are signed in."""
    kept: dict[str, str] = {}

    class Owner:
        def get(self, case: Any, _context: Any) -> dict[str, str]:
            with app.app_context():
                if re.search(ENDS_SESSIONS, case.operation.path):
                    kept.clear()
                    return company.owner.headers
                if not kept:
                    kept.update(company.owner.headers)
            return kept

        def set(self, case: Any, data: dict[str, str], _context: Any) -> None:
            case.headers = {**(case.headers or {}), **data}

    return Owner


def fewer(schema: Any, bent: set[str]) -> Any:
    """The schema, with some of the edges of each operation, of each place where they are sent; fills in `bent`."""
    every, numbers = schema.iter_coverage_cases, count()

    def some(*args: Any, **kwargs: Any) -> Iterator[Any]:
        by_place: dict[tuple[str, bool], list[Any]] = {}
        for case in every(*args, **kwargs):
            if case.meta.phase.data.parameter == TENANT_HEADER and wrong_places(case):
                continue  # the right one is put into its place
            by_place.setdefault((place_of(case), case.meta.generation.mode.is_positive), []).append(case)
        number = next(numbers)
        for (place, _), cases in by_place.items():
            most = MOST_ELSEWHERE.get(place, MOST_CASES)
            share = -(-most * len(cases) // sum(len(all_) for (one, _), all_ in by_place.items() if one == place))
            step = max(1, -(-len(cases) // share))
            for case in cases[number % step :: step]:
                if BENT & wrong_places(case):
                    bent.add(case.id)
                yield case

    schema.iter_coverage_cases = some
    return schema


def wrong_places(case: Any) -> set[str]:
    """Where in the request something is as the description does not want it."""
    return {place.value for place, info in case.meta.components.items() if not info.mode.is_positive}


def place_of(case: Any) -> str:
    """Where in the request an edge is: `body`, `query`, `header`, `path`, or "None"."""
    place = case.meta.phase.data.parameter_location
    return str(getattr(place, "value", place))


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


def bare(operation: Any) -> Any:
    """A request with nothing but an address."""
    names = re.findall(r"{(\w+)}", operation.path)
    return operation.Case(path_parameters={name: str(new_id()) for name in names}, headers={})


def spread(cases: list[Any], most: int, bent: set[str]) -> list[Any]:
    """Some of them, from the first to the last; none with headers or ids that are none, and of no other method."""
    operation = cases[0].operation
    right_way = (case for case in cases if case.method == case.operation.method.upper())
    cases = [case for case in right_way if case.id not in bent] or [bare(operation)]
    return cases[:: max(1, len(cases) // most)][:most]


def people_of(company: Company, other_company: Company) -> dict[str, Member | None]:
    """Who sends requests after the owner."""
    roles: dict[str, Member | None] = {role: company.member(role) for role in ("admin", "analyst", "member")}
    staff = make_platform_admin(make_company())
    return {**roles, "other_tenant": other_company.owner, "staff": staff, "anonymous": None}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_the_api_keeps_what_its_description_says(app: Flask, company: Company, other_company: Company, part: int):
    told: Told = {}
    people = people_of(company, other_company)
    everything, asker = Things.of_company(company), Asker(app)
    shared: dict[str, dict[str, str]] = {}
    with listening(app) as address, asker.listening():
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=configuration(company))
        labels = sorted(result.ok().label for result in schema.get_all_operations())
        dealt = {label for label in labels[part::PARTS] if re.search(ONLY, label)}
        schema = schema.include(lambda context: context.operation.label in dealt)
        schema.auth(refresh_interval=None)(owner_of(app, company))
        asker.begin("owner", company.owner, Things(company, company.owner, everything, shared))
        bent: set[str] = set()
        sent = run_all(fewer(schema, bent), told)
        assert sent.keys() == dealt
        for actor, person in people.items():
            # The other companies' owners and nobody name the things of this company, as they are.
            named = company.owner if person is None or actor in ELSEWHERE else person
            asker.begin(actor, person, Things(company, named, everything, shared))
            again = {label: spread(cases, most_for(app, cases[0], person), bent) for label, cases in sent.items()}
            send_all_again(actor, person, again, address, told)
    check_nobody_reached_too_far(app, asker, sent)
    assert not told, "\n\n".join(f"{what} ({len(all_)} times)\n{all_[0]}" for what, all_ in told.items())
    check_the_answers(asker)


def most_for(app: Flask, case: Any, person: Member | None) -> int:
    """How many requests of an operation a person sends."""
    return SENT_BY_WHO_MAY if may_use(app, case.operation, person) else SENT_BY_OTHERS


def send_all_again(actor: str, person: Member | None, cases_of: dict[str, list[Any]], address: str, told: Told) -> None:
    """Send requests of each operation as somebody else, or as nobody."""
    usual = person.headers if person else {}
    for label, cases in cases_of.items():
        ends = person is not None and re.search(ENDS_SESSIONS, label)
        headers = person.headers if person and ends else usual
        send_again(actor, cases, address, headers, told)
        usual = person.headers if person and ends else usual


def check_nobody_reached_too_far(app: Flask, asker: Asker, sent: dict[str, list[Any]]) -> None:
    """Of other companies nothing is found, and who has not signed in gets 401 from all that is not for everybody."""
    for label, cases in sent.items():
        if "{" in label:
            assert not asker.was_good("other_tenant", label), f"another company: {label}"
            assert not asker.was_good("staff", label) or "/admin/" in label, f"platform staff: {label}"
        if not may_use(app, cases[0].operation, None):
            answers = asker.counts["anonymous", label]
            assert answers.keys() <= {401, 404}, f"nobody: {label}: {dict(answers)}"
            assert answers[401], f"nobody: {label}: {dict(answers)}"


def check_the_answers(asker: Asker) -> None:
    """Requests that are right are let in and find what they name; else nothing but refusals would be looked at."""
    for actor in ("owner", "admin", "analyst", "member"):
        if actor in asker.right:
            assert asker.turned_away(actor) <= TURNED_AWAY, f"{actor} was turned away too often:\n{asker.table()}"
    asked = {label for who, label in asker.counts if who == "owner" and "/admin/" not in label} - KEPT.keys()
    never = sorted(asked.intersection(asker.never_good("owner")))
    assert len(never) <= max(1, NEVER_GOOD * len(asked)), f"never 2xx: {never}\n{asker.table()}"
