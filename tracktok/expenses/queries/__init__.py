"""Every read of spending."""
