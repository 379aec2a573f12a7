"""What can be imported of spending: expenses and projects."""

from .expense_kind import HANDLER as EXPENSE_HANDLER
from .project_kind import PROJECT_HANDLER

__all__ = ["EXPENSE_HANDLER", "PROJECT_HANDLER"]
