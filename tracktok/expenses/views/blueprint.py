"""The blueprint that every page of spending belongs to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("expenses", "tracktok.expenses", template_folder="templates")
