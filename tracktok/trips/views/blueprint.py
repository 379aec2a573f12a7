"""The blueprints that the pages of vendors, rate cards and incentives belong to."""

from __future__ import annotations

from flask import Blueprint

vendors = Blueprint("vendors", "tracktok.trips", template_folder="templates", url_prefix="/vendors")
rate_cards = Blueprint("rate_cards", "tracktok.trips", template_folder="templates", url_prefix="/rate-cards")
incentives = Blueprint("incentives", "tracktok.trips", template_folder="templates", url_prefix="/incentives")
