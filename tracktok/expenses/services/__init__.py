"""Every write of spending."""
