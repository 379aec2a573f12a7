"""Every read of billing."""
