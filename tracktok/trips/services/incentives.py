"""Incentive rules: made, changed, archived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import DomainError, Invalid
from tracktok.core.ids import new_id
from tracktok.customers.services.refusals import NameTaken, judged_by, refuse
from tracktok.expenses.models import Project
from tracktok.trips.models import IncentiveRule
from tracktok.trips.rules.incentives import (
    Incentive,
    IncentiveTerms,
    Tier,
    incentive_for,
    incentive_problems,
    incentive_terms,
    stored_terms,
)
from tracktok.trips.schemas.incentives import IncentiveRuleIn

_JUDGES: dict[str, Callable[[], DomainError]] = {"uq_incentive_rules_name": lambda: NameTaken("incentive rule")}


def terms_of(rule: Any) -> IncentiveTerms:
    """The terms of a rule, or of a row of `queries.incentives.COLUMNS`."""
    return incentive_terms(rule.measure, rule.period, rule.currency, rule.terms)


def terms_of_body(body: IncentiveRuleIn, currency: str) -> IncentiveTerms:
    """The terms that were sent. Raises Invalid (422) at the field that is wrong."""
    tiers = tuple(Tier(one.over, one.rate, one.bonus) for one in body.tiers)
    terms = IncentiveTerms(body.measure.value, body.period.value, currency, body.ordinary, tiers, body.cap)
    refuse(incentive_problems(terms))
    return terms


def create_incentive_rule(body: IncentiveRuleIn) -> IncentiveRule:
    """Make a rule. Raises NameTaken (409), Invalid (422)."""
    rule = IncentiveRule(id=new_id())
    _fill(rule, body)
    with judged_by(_JUDGES):
        db.session.add(rule)
    db.session.refresh(rule)
    return rule


def change_incentive_rule(rule: IncentiveRule, body: IncentiveRuleIn) -> IncentiveRule:
    """Change a rule, locked by the caller, as a whole. An archived one ends today: what it has given before stays."""
    with judged_by(_JUDGES):
        _fill(rule, body)
    db.session.refresh(rule)
    return rule


def delete_incentive_rule(rule: IncentiveRule) -> None:
    """Delete a rule that was made by mistake: no month has what it gave any more. Archive what has ended."""
    db.session.delete(rule)
    db.session.flush()


def price_incentive(rule: IncentiveRule, done: Decimal) -> Incentive:
    """What a rule pays for a period in which so much was done."""
    return incentive_for(terms_of(rule), done)


def _fill(rule: IncentiveRule, body: IncentiveRuleIn) -> None:
    currency = body.currency or rule.currency or preferences().currency
    terms = terms_of_body(body, currency)
    if body.project_id is not None and body.project_id != rule.project_id:
        there = select(Project.id).where(Project.id == body.project_id, Project.deleted_at.is_(None))
        if db.session.execute(there).first() is None:
            raise Invalid.at("project_id", "There is no such project.", "not_found")
    rule.name, rule.measure, rule.period, rule.currency = body.name, body.measure.value, body.period.value, currency
    rule.terms = stored_terms(terms)
    rule.trip_type = body.trip_type.value if body.trip_type else ""
    rule.project_id = body.project_id
    rule.valid_to = _ends(rule, body) if body.is_archived else body.valid_to
    rule.valid_from, rule.is_archived = body.valid_from, body.is_archived


def _ends(rule: IncentiveRule, body: IncentiveRuleIn) -> date | None:
    """The last day of an archived rule: today, or the day on which it ended before; None when it has never begun."""
    today = clock.today(preferences().timezone)
    if body.valid_from > today:
        return None
    before = rule.valid_to if rule.is_archived else None
    return max(body.valid_from, min(one for one in (body.valid_to, before, today) if one is not None))
