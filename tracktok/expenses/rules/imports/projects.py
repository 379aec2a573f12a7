"""Projects as a kind of import: their fields, the words that tell where a project stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tracktok.core.money import places_problem
from tracktok.expenses.rules.amounts import LARGEST
from tracktok.imports.rules.cells import Bad
from tracktok.imports.rules.columns import Field, FieldType, Kind, Meanings

SKIP: Final = "skip"
# What a word in a column of states means, by its normal form; anything else is asked.
STATUSES: Final = {
    **dict.fromkeys(
        ("planned", "plan", "planning", "not started", "not yet started", "upcoming", "pending", "draft", "proposed",
         "proposal", "scheduled", "new", "to do", "todo", "backlog"),
        "planned",
    ),
    **dict.fromkeys(
        ("active", "in progress", "inprogress", "progress", "ongoing", "on going", "running", "started", "current",
         "live", "open", "wip", "on track", "at risk", "delayed", "yes"),
        "active",
    ),
    **dict.fromkeys(
        ("on hold", "onhold", "hold", "paused", "suspended", "waiting", "blocked", "deferred", "stalled", "inactive"),
        "on_hold",
    ),
    **dict.fromkeys(
        ("completed", "complete", "done", "finished", "closed", "delivered", "ended", "archived", "invoiced"),
        "completed",
    ),
}  # fmt: skip
MEANINGS: Final = Meanings(
    option="statuses",
    field="status",
    title="Where do the projects stand?",
    lead="Projects without a word are active.",
    question="Where do these projects stand?",
    choices=(
        ("planned", "Planned"),
        ("active", "Active"),
        ("on_hold", "On hold"),
        ("completed", "Completed"),
        (SKIP, "Leave these rows out"),
    ),
    known=STATUSES,
    suggestion="active",
)

PROJECTS: Final = Kind(
    name="projects",
    label="Projects",
    noun="project",
    nouns="projects",
    needs=(("name",),),
    fields=(
        Field("name", "Name", FieldType.text,
              ("project name", "name", "project", "project title", "title", "job name", "job", "matter", "engagement"),
              longest=120, examples=("Warehouse move", "Website relaunch")),
        Field("code", "Code", FieldType.text,
              ("project code", "code", "project no", "project number", "job code", "job no", "job number", "project id",
               "short name", "key", "id", "number", "ref", "reference"),
              longest=30, examples=("WH-26", "WEB-2")),
        Field("client_name", "Client", FieldType.text,
              ("client", "client name", "customer", "customer name", "company", "company name", "account",
               "account name"),
              longest=120, examples=("Bluewater Travel", "Orchid Tours")),
        Field("start_date", "Start", FieldType.date,
              ("start date", "start", "starts", "from", "begin", "begins", "begin date", "planned start",
               "actual start", "start on", "kick off", "kickoff"),
              examples=("2026-11-01", "2026-12-15")),
        Field("end_date", "End", FieldType.date,
              ("end date", "end", "ends", "due date", "due", "deadline", "finish", "finish date", "to", "until",
               "completion date", "planned end", "target date", "actual end"),
              examples=("2027-03-31", "")),
        Field("status", "Status", FieldType.choice, ("project status", "status", "state", "stage", "phase"),
              most_values=40, examples=("Active", "Planned")),
        Field("budget_amount", "Budget", FieldType.amount,
              ("budget", "budget amount", "project budget", "total budget", "planned budget", "planned cost",
               "estimated cost", "estimate", "amount", "value", "contract value", "cost budget"),
              examples=("250000.00", "80000.00"), help="In the company's currency."),
        Field("description", "Description", FieldType.words,
              ("description", "project description", "notes", "note", "details", "comment", "comments", "remarks",
               "scope", "summary"),
              longest=5000, examples=("From Pune to Nashik, in two steps", "")),
    ),
)  # fmt: skip


def problems_of(values: Mapping[str, Any], currency: str) -> list[tuple[str, Bad]]:
    """What is wrong with the read values of a row: (field, why)."""
    found: list[tuple[str, Bad]] = []
    if not values["name"]:
        found.append(("name", Bad("This is empty; a project has a name.")))
    start, end, budget = values["start_date"], values["end_date"], values["budget_amount"]
    if start and end and end < start:
        found.append(("end_date", Bad("The end is before the start.")))
    if budget is not None:
        if budget < 0:
            found.append(("budget_amount", Bad("A budget is not below zero.")))
        elif budget > LARGEST:
            found.append(("budget_amount", Bad("This amount is too large.")))
        elif problem := places_problem(budget, currency):
            found.append(("budget_amount", Bad(problem)))
    return found
