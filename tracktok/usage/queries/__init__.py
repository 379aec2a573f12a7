"""Every read of metered usage."""
