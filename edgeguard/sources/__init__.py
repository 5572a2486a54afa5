"""Frames in. A new source is one file with its `Config` and class, and one row in `SOURCES` and `SourceConfig`."""

import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

from edgeguard.sources.base import SYSTEM_CLOCK, Clock, SourceSettings
from edgeguard.sources.file import FileConfig, FileSource
from edgeguard.sources.health import ReaderState, ReaderStatus
from edgeguard.sources.packets import PacketTap, Tappable
from edgeguard.sources.reader import CameraReader, ReaderConfig
from edgeguard.sources.rtsp import RtspConfig, RtspSource
from edgeguard.sources.slot import Taken
from edgeguard.sources.synthetic import SyntheticConfig, SyntheticSource
from edgeguard.sources.translate import redact
from edgeguard.sources.usb import UsbConfig, UsbSource
from edgeguard.types import Source

SourceConfig = Annotated[RtspConfig | UsbConfig | FileConfig | SyntheticConfig, Field(discriminator="kind")]

SOURCES: dict[str, Callable[[Any, str, Clock], Source]] = {
    "rtsp": RtspSource,
    "file": FileSource,
    "synthetic": SyntheticSource,
    "usb": UsbSource,
}


def open_source(
    config: SourceConfig,
    camera_id: str,
    clock: Clock = SYSTEM_CLOCK,
    environ: Mapping[str, str] = os.environ,
    tap: PacketTap | None = None,
) -> Source:
    """Make the source of `config`; it opens with its first frame. Raises ConfigError for a missing `password_env`.

    `tap` gets the encoded packets of sources that have any.
    """
    source = SOURCES[config.kind](config.resolved(environ), camera_id, clock)
    if tap is not None and isinstance(source, Tappable):
        source.tap_into(tap)
    return source


__all__ = [
    "SOURCES",
    "CameraReader",
    "Clock",
    "FileConfig",
    "FileSource",
    "ReaderConfig",
    "ReaderState",
    "ReaderStatus",
    "RtspConfig",
    "RtspSource",
    "SourceConfig",
    "SourceSettings",
    "SyntheticConfig",
    "SyntheticSource",
    "Taken",
    "UsbConfig",
    "UsbSource",
    "open_source",
    "redact",
]
