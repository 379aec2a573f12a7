"""Files whose rows become something: read, mapped, checked, written as a whole, undone as a whole."""
