"""Keyset pages stay right while rows are added, at any depth, in both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.tenants import Company
from tracktok.core.db import db, transaction
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.pagination import decode_cursor, encode_cursor, fetch_page, sort_by
from tracktok.core.tables import Job
from tracktok.core.tenancy import tenant_scope

SORTS = {"kind": sort_by(Job.kind), "created_at": sort_by(Job.created_at)}


def add(*kinds: str) -> None:
    db.session.add_all([Job(kind=kind, run_key=str(new_id()), payload={}) for kind in kinds])
    db.session.flush()


def page(sort: str, cursor: str | None = None, limit: int = 3):
    return fetch_page(
        select(Job.id, Job.kind, Job.created_at), sorts=SORTS, id_column=Job.id, sort=sort, cursor=cursor, limit=limit
    )


@pytest.mark.parametrize("sort", ["kind", "-kind", "created_at", "-created_at"])
def test_walking_all_pages_shows_each_row_once_in_order(company: Company, sort):
    with tenant_scope(company.id), transaction():
        add(*"cabbacadabra")
        seen, cursor = [], None
        while True:
            current = page(sort, cursor)
            seen += current.rows
            cursor = current.next_cursor
            if not current.has_more:
                break
        name = sort.lstrip("-")
        expected = sorted(
            db.session.execute(select(Job.id, Job.kind, Job.created_at)).all(),
            key=lambda row: (getattr(row, name), row.id),
            reverse=sort.startswith("-"),
        )
        assert [row.id for row in seen] == [row.id for row in expected]


def test_rows_added_meanwhile_do_not_shift_the_next_page(company: Company):
    with tenant_scope(company.id), transaction():
        add("a", "c", "e", "g", "i")
        first = page("kind")
        add("a", "b")
        second = page("kind", first.next_cursor)
        assert [row.kind for row in first.rows] == ["a", "c", "e"]
        assert [row.kind for row in second.rows] == ["g", "i"]


def test_a_last_page_that_is_exactly_full_has_no_next(company: Company):
    with tenant_scope(company.id), transaction():
        add("a", "b", "c")
        assert page("kind").next_cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "bnVsbA", "W10", "eyJhIjoxfQ", "W251bGwsbnVsbCxudWxsXQ", "é"])
def test_a_broken_cursor_is_said_to_be_so(cursor):
    with pytest.raises(Invalid) as refused:
        decode_cursor(cursor, "kind", SORTS)
    assert refused.value.errors[0].pointer == "/cursor"


def test_a_cursor_of_another_sort_order_is_refused():
    with pytest.raises(Invalid, match="another sort order"):
        decode_cursor(encode_cursor("kind", "a", new_id()), "-kind", SORTS)


def test_an_unknown_sort_names_the_known_ones(app_context):
    with pytest.raises(Invalid, match="created_at, kind"):
        page("price")


@given(st.text(max_size=50))
def test_any_text_survives_a_cursor(text):
    row_id = new_id()
    assert decode_cursor(encode_cursor("kind", text, row_id), "kind", SORTS) == (text, row_id)
