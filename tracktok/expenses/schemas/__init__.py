"""Inputs and outputs of spending. The same input class reads the form and the JSON."""
