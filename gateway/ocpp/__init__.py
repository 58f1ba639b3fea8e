"""OCPP-J without I/O, imported as ``gateway.ocpp``; the ``ocpp`` package only lends its schemas."""
