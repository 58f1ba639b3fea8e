"""Meters: what was measured, how old it is, and whether it may be believed."""
