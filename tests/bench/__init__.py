"""Measurements, each as a ratio to a bare baseline of the same run. Never a timed assertion."""
