"""The blueprint that every page of customers, and of the settings of billing, belongs to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("customers", "tracktok.customers", template_folder="templates")
