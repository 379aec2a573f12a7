"""TrackTok: spending, budgets, billing and reports for companies that move people and goods."""
