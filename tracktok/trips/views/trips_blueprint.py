"""The blueprint of trips' pages."""

from flask import Blueprint

blueprint = Blueprint("trips", __name__, url_prefix="/trips", template_folder="../templates")
