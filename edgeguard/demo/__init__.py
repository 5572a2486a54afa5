"""Broker, box and center in one process over a bundled recording: the whole way, on loopback only."""
