"""OCPP-J without I/O. Always imported as ``gateway.ocpp``; the ``ocpp`` package only lends its schemas."""
