"""What a site says about its evidence: how much of it, how long, and whether clips leave the box."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from edgeguard.uplink import UploadConfig
from edgeguard.yamlfile import Strict

MEGABYTE = 1_000_000
# A clip is cut a little after its end, when the last packets and their group's key frame have surely come.
SETTLE_S = 1.0


class EvidenceConfig(Strict):
    """`reserve_mb` of the disk stay free for events: evidence is given up first.

    `ring_mb`: memory for the packets of one stream. Clips, and the pictures kept on the box, are not blurred: that they
    leave it is a site's explicit choice.
    """

    before_s: float = Field(default=3.0, ge=0, le=30)
    after_s: float = Field(default=5.0, ge=0, le=60)
    keep_days: float = Field(default=30.0, gt=0, le=3650)
    quota_mb: int = Field(default=4096, ge=1)
    reserve_mb: int = Field(default=512, ge=8)  # less is not enough for the journal to work in
    ring_mb: int = Field(default=16, ge=1, le=1024)
    upload_clips: bool = False
    upload_pictures: bool = False
    upload: UploadConfig | None = None

    @model_validator(mode="after")
    def _upload_has_something_to_do(self) -> Self:
        wanted = self.upload_clips or self.upload_pictures
        if wanted and self.upload is None:
            raise ValueError("upload: {url, token_env} with upload_clips or upload_pictures")
        if self.upload is not None and not wanted:
            raise ValueError("upload together with upload_clips: true or upload_pictures: true")
        return self

    @property
    def ring_s(self) -> float:
        """How long packets must be kept so that the whole window is still there when the clip is cut."""
        return self.before_s + self.after_s + 2 * SETTLE_S

    def placed(self, here: Path) -> Self:
        """With the files of `upload` relative to the site file."""
        if self.upload is None:
            return self
        files = ("ca", "cert", "key", "token_file")
        given = {name: getattr(self.upload, name) for name in files if getattr(self.upload, name) is not None}
        changes = {name: here / path for name, path in given.items()}
        return self.model_copy(update={"upload": self.upload.model_copy(update=changes)})
