"""What makes two requests the same: for `Idempotency-Key`."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from tracktok.core.idempotency import fingerprint


def _request(**given: Any) -> Request:
    return Request(EnvironBuilder("/api/v1/things", method="POST", **given).get_environ())


def _print(**given: Any) -> bytes:
    with _request(**given) as request:
        return fingerprint(request)


def _file(content: bytes, name: str = "a.csv") -> dict[str, Any]:
    return {"kind": "expenses", "file": (io.BytesIO(content), name)}


_ONE: list[dict[str, Any]] = [
    {"json": {"a": 1}},
    {"json": {"a": 2}},
    {"json": {"a": 1}, "query_string": "b=1"},
    {"data": {"a": "1"}},
    {"data": {"a": "2"}},
    {},
]


@pytest.mark.parametrize("given", _ONE)
def test_the_same_request_is_the_same_and_no_other_is(given: dict[str, Any]):
    assert _print(**given) == _print(**given)
    assert _print(**given) not in {_print(**one) for one in _ONE if one != given}


def test_files_count_by_name_and_content_whatever_the_boundary():
    assert _print(data=_file(b"x")) == _print(data=_file(b"x"))
    assert len({_print(data=_file(b"x")), _print(data=_file(b"y")), _print(data=_file(b"x", "b.csv"))}) == 3


def test_what_was_read_for_it_can_be_read_again():
    with _request(data=_file(b"1,2")) as sent:
        fingerprint(sent)
        assert (sent.files["file"].read(), sent.form["kind"]) == (b"1,2", "expenses")
    with _request(json={"a": 1}) as said:
        fingerprint(said)
        assert said.get_json() == {"a": 1}
