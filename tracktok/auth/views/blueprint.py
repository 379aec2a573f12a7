"""The blueprint that all pages of the area hang on."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__, template_folder="../templates")
