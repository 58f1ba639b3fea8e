"""Charge points: who is connected, what they are told at once, and every call to them."""
