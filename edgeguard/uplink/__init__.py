"""The box's MQTT client: drains the outbox, tells birth and death, serves commands."""

from edgeguard.uplink.config import TlsConfig, UplinkConfig
from edgeguard.uplink.inbox import Handler, OnAck, Starter
from edgeguard.uplink.uplink import OnConfirmed, OnTalk, Uplink, UplinkHealth
from edgeguard.uplink.upload import UploadConfig, Uploader

__all__ = [
    "Handler",
    "OnAck",
    "OnConfirmed",
    "OnTalk",
    "Starter",
    "TlsConfig",
    "Uplink",
    "UplinkConfig",
    "UplinkHealth",
    "UploadConfig",
    "Uploader",
]
