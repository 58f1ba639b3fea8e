"""Sockets: charge points dial in, we dial the cloud, systemd hears how we are."""
