"""Provisioning: what every charge point must hold before it is trusted with a vehicle."""
