"""The pages of budgets."""

from . import actions, budgets, forms
from .blueprint import blueprint

__all__ = ["actions", "blueprint", "budgets", "forms"]
