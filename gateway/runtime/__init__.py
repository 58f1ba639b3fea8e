"""What every service stands on: clock, bus, supervisor, log, and lines."""
