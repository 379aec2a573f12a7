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
    assert fingerprint(_request(**given)) == fingerprint(_request(**given))
    others = [one for one in _ONE if one != given]
    assert fingerprint(_request(**given)) not in {fingerprint(_request(**one)) for one in others}


def test_files_count_by_name_and_content_whatever_the_boundary():
    assert fingerprint(_request(data=_file(b"x"))) == fingerprint(_request(data=_file(b"x")))
    assert fingerprint(_request(data=_file(b"x"))) != fingerprint(_request(data=_file(b"y")))
    assert fingerprint(_request(data=_file(b"x"))) != fingerprint(_request(data=_file(b"x", "b.csv")))


def test_what_was_read_for_it_can_be_read_again():
    sent = _request(data=_file(b"1,2"))
    fingerprint(sent)
    assert (sent.files["file"].read(), sent.form["kind"]) == (b"1,2", "expenses")
    said = _request(json={"a": 1})
    fingerprint(said)
    assert said.get_json() == {"a": 1}
