"""Arithmetic, tables and messages of the measurements."""
