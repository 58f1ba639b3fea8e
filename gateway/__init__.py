"""Depot Gateway: the on-site controller of an EV depot. ``ARCHITECTURE.md`` is the map."""
