"""Catalogues of made-up models."""

from pathlib import Path
from typing import Any

import yaml

from tests.support.face_models import Tiny

LICENCE = "CC0-1.0"  # of every tiny model


def entry(tiny: Tiny, host: str, **changes: Any) -> dict[str, Any]:
    return {
        "purpose": "is small",
        "url": f"{host}/{tiny.entry['file']}",
        "size_bytes": len(tiny.data),
        "licence_url": "https://example.org/licence",
        "model": tiny.entry,
        **changes,
    }


def write(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump({"models": list(entries)}), "utf-8")
    return path
