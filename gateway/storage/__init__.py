"""The gateway's memory: one SQLite file, one writer, and one file of queries per capability."""
