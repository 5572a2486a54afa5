"""The source of what runs, from the program itself: the AGPL's offer to everybody who uses it over a network."""

import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

import edgeguard

SOURCE_PATH: Final = "/source.zip"
_TEXT: Final = frozenset({".py", ".typed", ".css", ".js", ".yaml", ".toml", ".md", ".sh", ".txt"})
# Beside the package in a checkout; an installed package has its own folder only. Folders in which an installation
# keeps its own settings are left out.
_PROJECT: Final = ("LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "scripts", "models/training")


def build_source() -> APIRouter:
    """Route /source.zip, open to everybody."""
    router = APIRouter(include_in_schema=False)

    @router.get(SOURCE_PATH)
    def source() -> Response:
        disposition = f'attachment; filename="edgeguard-{edgeguard.__version__}-source.zip"'
        return Response(_archive(), media_type="application/zip", headers={"content-disposition": disposition})

    return router


@cache
def _archive() -> bytes:
    """Text files only: sounds, recordings and weights come with their recipes. Made once, a second's work."""
    package = Path(edgeguard.__file__).parent
    roots = [package]
    if (package.parent / "pyproject.toml").is_file():
        roots += [package.parent / name for name in _PROJECT if (package.parent / name).exists()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for root in roots:
            for path in [root] if root.is_file() else sorted(root.rglob("*")):
                if path.is_file() and (path.suffix in _TEXT or path.name == "LICENSE"):
                    archive.write(path, path.relative_to(package.parent))
    return buffer.getvalue()
