"""Who changed what, sealed so that it cannot be changed later."""
