"""Where a lift's door stands: from its contact, or estimated from the picture. Without either it is unknown."""

from typing import Annotated

from pydantic import Field

from edgeguard.doors.contact import ContactConfig, ContactDoor, ContactHealth
from edgeguard.doors.picture import PictureConfig, PictureDoor
from edgeguard.doors.unknown import UnknownDoor

DoorConfig = Annotated[ContactConfig | PictureConfig, Field(discriminator="kind")]

__all__ = [
    "ContactConfig",
    "ContactDoor",
    "ContactHealth",
    "DoorConfig",
    "PictureConfig",
    "PictureDoor",
    "UnknownDoor",
]
