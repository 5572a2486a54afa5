"""The box's MQTT client: drains the outbox, tells birth and death, serves commands."""

from edgeguard.uplink.config import TlsConfig, UplinkConfig
from edgeguard.uplink.inbox import Admit, Handler, OnAck, Starter, admit_unsigned
from edgeguard.uplink.uplink import OnConfirmed, OnTalk, Uplink, UplinkHealth
from edgeguard.uplink.upload import UploadConfig, Uploader

__all__ = [
    "Admit",
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
    "admit_unsigned",
]
