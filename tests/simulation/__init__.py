"""The whole gateway in virtual time, with seeded faults."""
