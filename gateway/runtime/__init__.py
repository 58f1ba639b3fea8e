"""What every service stands on: clock, bus, supervisor, log, and the shell around a conversation."""
