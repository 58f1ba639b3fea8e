"""Files: what charge points fetch from this box and leave on it, each under a grant of its own."""
