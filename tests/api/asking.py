"""Requests of schemathesis: sent to an application that listens, with things that are there, the answers counted."""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from werkzeug.serving import make_server

from tests.api.things import Things
from tests.factories.tenants import Company, Member
from tracktok.core.ids import new_id
from tracktok.core.permissions import access_of
from tracktok.web.docs import description

SEED = 20261121
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
# A body can be well-formed and still name what is not there, or be over a limit of the plan: that is told by 422 or
# 402. A link that was used up is 400; versions and states are 412 and 409; a file that is too large or of
# another type is 413 or 415.
REFUSALS = ["2xx", "3xx", "400", "401", "402", "403", "404", "409", "412", "413", "415", "422", "429"]
ENDS_SESSIONS = r"/auth/(logout|change-password|sessions|reset-password)|/transfer-ownership"
"""What may end the sign-in of who calls it: called with a new one each time."""
ELSEWHERE = {"other_tenant", "staff"}
"""Who is of another company than the things that are named."""
FRESH_FOR = 2
"""How many requests of an operation that writes get new things to write to."""
KEPT = {
    "POST /api/v1/auth/accept-invitation": "needs the secret of a mail: tests/auth",
    "POST /api/v1/auth/reset-password": "needs the secret of a mail: tests/auth",
    "POST /api/v1/auth/verify-email": "needs the secret of a mail: tests/auth",
    "POST /api/v1/auth/refresh": "needs a refresh token, good for once: tests/auth",
    "POST /api/v1/auth/change-password": "would change the password that the others sign in with: tests/auth",
    "POST /api/v1/people/{membership_id}/transfer-ownership": "would give the company away: tests/auth",
}
"""Operations that get no things that are there, and need not answer 2xx: why, and where they are tested."""
LISTS = {
    "ids": {"expenses": "expense_id", "invoices": "invoice_id"},
    "meters": {"usage-subscriptions": "meter_id"},
}
"""What lists of ids in a body name, by the area of the operation."""
Told = dict[str, list[str]]


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The address at which the application answers meanwhile."""
    with app.app_context():
        description(app)  # which takes a while the first time, on a busy machine more than its reader waits
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
                "negative_data_rejection": {"expected-statuses": [*REFUSALS[2:], "405", "406", "428", "5xx"]},
            },
        }
    )


class Asker:
    """Who sends the requests at the moment; fills in what there is, and counts the answers."""

    def __init__(self, app: Flask) -> None:
        self.app, self.actor = app, "owner"
        self.things: Things | None = None
        self.person: Member | None = None
        self.last_words = ""
        self.counts: dict[tuple[str, str], Counter[int]] = {}
        self.right: dict[str, Counter[int]] = {}
        """The answers to requests that are right, of operations that the actor may use."""
        self._made: Counter[tuple[str, str]] = Counter()
        self._ids: dict[tuple[str, str], dict[str, str]] = {}

    def begin(self, actor: str, person: Member | None, things: Things | None) -> None:
        """From now on a person sends the requests; `things` are what they name."""
        self.actor, self.person, self.things = actor, person, things

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Inside: every request and answer of schemathesis passes here."""

        def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
            self.before_call(case)

        def after_call(_context: Any, case: Any, response: Any) -> None:
            self.after_call(case, response)

        hooks = [GLOBAL_HOOK_DISPATCHER.hook(hook) for hook in (before_call, after_call)]
        try:
            yield
        finally:
            for hook in hooks:
                GLOBAL_HOOK_DISPATCHER.unregister(hook)

    def before_call(self, case: Any) -> None:
        """Give a request that is right the ids of things that are there."""
        label = case.operation.label
        if self.things is None or label in KEPT or not is_right(case):
            return
        with self.app.app_context():
            if case.path_parameters:
                case.path_parameters = {**case.path_parameters, **self._ids_for(case)}
            if isinstance(case.body, dict):
                filled = {name: self._filled(label, name, value) for name, value in case.body.items()}
                if filled != case.body:  # What is changed is held against the schema again, files among it.
                    case.body = filled

    def after_call(self, case: Any, response: Any) -> None:
        label = case.operation.label
        self.counts.setdefault((self.actor, label), Counter())[response.status_code] += 1
        tested = label not in KEPT and "/auth/" not in label  # where 401 tells of a password or token in the body
        if tested and is_right(case) and may_use(self.app, case.operation, self.person):
            self.right.setdefault(self.actor, Counter())[response.status_code] += 1
        if response.status_code >= 400:
            self.last_words = response.text[:400]

    def _ids_for(self, case: Any) -> dict[str, str]:
        assert self.things is not None
        # Who is of another company changes nothing of this one, so what one of them was refused is there for the next.
        elsewhere = self.actor in ELSEWHERE
        key = ("elsewhere" if elsewhere else self.actor, case.operation.label)
        names = set(re.findall(r"{(\w+)}", case.operation.path))
        if not may_use(self.app, case.operation, self.person):
            return self.things.known(names)
        if key not in self._ids or (case.method != "GET" and not elsewhere and self._made[key] < FRESH_FOR):
            self._made[key] += 1
            self._ids[key] = self.things.fresh(case.operation.label, names)
        return self._ids[key]

    def _filled(self, label: str, name: str, value: Any) -> Any:
        assert self.things is not None
        if isinstance(value, dict):
            return {inner: self._filled(label, inner, one) for inner, one in value.items()}
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            return [self._filled(label, "", one) for one in value]
        if name in LISTS and isinstance(value, list) and value and (of := LISTS[name].get(label.split("/")[3])):
            if name == "ids":
                return list(self.things.fresh(label, {of}).values())
            return [self.things.reference(label, of) or value[0]]
        if not (name.endswith("_id") and isinstance(value, str)):
            return value
        return self.things.reference(label, name) or value

    def by_status(self, actor: str) -> Counter[int]:
        """How often an actor got each status."""
        return sum((counted for (who, _), counted in self.counts.items() if who == actor), Counter())

    def turned_away(self, actor: str) -> float:
        """The share of 401, 403 and 404 among the answers to requests that were right and that the actor may make."""
        answers = self.right[actor]
        return sum(answers[status] for status in (401, 403, 404)) / answers.total()

    def never_good(self, actor: str) -> list[str]:
        """Operations that answered none of this actor's requests with 2xx."""
        asked = [label for who, label in self.counts if who == actor and label not in KEPT]
        return [label for label in asked if not self.was_good(actor, label)]

    def was_good(self, actor: str, label: str) -> bool:
        return any(200 <= status < 300 for status in self.counts.get((actor, label), ()))

    def table(self) -> str:
        """The answers, by who asked and by status; then those to requests that were right and might be made."""
        actors = dict.fromkeys(actor for actor, _ in self.counts)
        return "\n".join(
            f"{actor}: {dict(sorted(self.by_status(actor).items()))}"
            f" (right: {dict(sorted(self.right.get(actor, Counter()).items()))})"
            for actor in actors
        )


def is_right(case: Any) -> bool:
    """Whether a request is as the description wants it."""
    return case.meta is None or case.meta.generation.mode.is_positive


def send_again(actor: str, cases: list[Any], address: str, headers: dict[str, str], told: Told) -> None:
    """Send requests as somebody else, with all checks."""
    for case in cases:
        if actor in ELSEWHERE:
            case.headers.pop("X-Tenant-Id", None)
        case.headers.pop("Authorization", None)  # the owner's
        try:
            case.call_and_validate(base_url=address, headers=headers)
        except FailureGroup as group:
            for failure in group.exceptions:
                words = f"{failure.title}: {failure.message}" if isinstance(failure, Failure) else repr(failure)
                text = f"{words}\n{case.as_curl_command()}"
                told.setdefault(f"{actor}: {case.operation.label}", []).append(text)


def endpoint_of(app: Flask, operation: Any) -> str:
    """The endpoint of an operation; kept, because every request asks for it."""
    kept: dict[str, str] = app.extensions.setdefault("tests.endpoints", {})
    if operation.label not in kept:
        sample = re.sub(r"\{[^}]+\}", str(new_id()), operation.path)
        endpoint, _ = app.url_map.bind("tracktok.test").match(sample, method=operation.method.upper())
        kept[operation.label] = str(endpoint)
    return kept[operation.label]


def permission_of(app: Flask, operation: Any) -> str:
    """The permission that an operation needs: "" for public ones, `*` for anybody who is signed in."""
    access = access_of(app.view_functions[endpoint_of(app, operation)])
    assert access is not None
    return "" if access.public_because else access.permission


def may_use(app: Flask, operation: Any, person: Member | None) -> bool:
    """Whether a person, or nobody, may use an operation."""
    permission = permission_of(app, operation)
    return not permission or (person is not None and (permission == "*" or person.actor.may(permission)))
