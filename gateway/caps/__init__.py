"""Caps: limits from outside. The cloud's charging profiles are heeded here, never passed down."""
