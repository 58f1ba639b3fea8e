"""Sharing current: who may draw how much, every second, so that no fuse trips. Knows no OCPP."""
