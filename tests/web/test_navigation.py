"""Which entry of the side bar a page belongs under, and who sees which."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.tenants import Company
from tracktok.auth.rules import Outsider, Role, permissions_of
from tracktok.core import context
from tracktok.web import navigation


def current_of(groups) -> list[str]:
    return [item.label for _, items in groups for item in items if item.current]


@pytest.mark.parametrize(
    ("path", "entry", "setting"),
    [
        ("/expenses", "Expenses", []),
        ("/expenses/new", "Expenses", []),
        ("/projects", "Projects", []),
        ("/projects/new", "Projects", []),
        ("/settings", "Settings", ["Company"]),
        ("/settings/people", "Settings", ["People"]),
        ("/settings/people/invite", "Settings", ["People"]),
        ("/settings/plan", "Settings", ["Plan and trial"]),
        ("/guide", None, []),
    ],
)
def test_the_current_entry(app: Flask, company: Company, path, entry, setting):
    with app.test_request_context(path), context.acting(company.owner.actor):
        assert current_of(navigation.side_bar()) == ([entry] if entry else [])
        if setting:
            assert current_of(navigation.settings_menu()) == setting


def test_only_what_the_role_may_open_is_shown(app: Flask, company: Company):
    def seen(role: str) -> set[str]:
        with app.test_request_context("/guide"), context.acting(company.member(role).actor):
            return {entry["label"] for entry in navigation.palette_entries()}

    owner, analyst, member = seen("owner"), seen("analyst"), seen("member")
    assert "Accounts" in owner & analyst
    assert "Accounts" not in member
    assert "New expense" in owner & member
    assert "New expense" not in analyst
    assert "Tenants" not in owner


def test_nobody_sees_nothing(app: Flask):
    with app.test_request_context("/guide"):
        assert navigation.side_bar() == []
        assert navigation.new_menu() == []


def test_letters_are_used_once():
    """By whoever sees them: people from outside have letters of their own."""
    for role in (*Role, *Outsider):
        held = permissions_of(role)
        for items in (navigation.SIDE_BAR, navigation.NEW):
            keys = [item.key for item in items if item.key and (item.permission in held or "*" in item.permission)]
            assert len(keys) == len(set(keys)), (role, keys)
