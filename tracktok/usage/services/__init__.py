"""Every write of metered usage."""
