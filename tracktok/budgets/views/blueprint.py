"""The blueprint that every page of budgets belongs to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("budgets", "tracktok.budgets", template_folder="templates", url_prefix="/budgets")
