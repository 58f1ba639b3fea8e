"""Hardware behind ``gateway.ports``."""
