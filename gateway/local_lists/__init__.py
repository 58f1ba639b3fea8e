"""Local authorization lists: every charge point holds the tags that are valid there."""
