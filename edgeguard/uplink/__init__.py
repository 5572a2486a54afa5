"""The box's MQTT client: drains the outbox, tells birth and death, serves commands."""

from edgeguard.uplink.config import TlsConfig, UplinkConfig
from edgeguard.uplink.inbox import Handler, OnAck
from edgeguard.uplink.uplink import OnConfirmed, Uplink, UplinkHealth

__all__ = ["Handler", "OnAck", "OnConfirmed", "TlsConfig", "Uplink", "UplinkConfig", "UplinkHealth"]
