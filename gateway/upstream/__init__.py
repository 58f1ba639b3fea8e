"""Upstream: towards the operator's cloud CSMS we are each of the charge points."""
