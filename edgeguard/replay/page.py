"""A report's page: one HTML file without scripts, readable from a folder, with its pictures beside it."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from edgeguard.errors import ConfigError

PICTURES = "pictures"

_STYLE = files("edgeguard.replay").joinpath("report.css")


def page(title: str, body: Iterable[str]) -> str:
    """The whole document; `title` is plain text, `body` is HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text('utf-8')}</style></head><body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def tiles(items: Iterable[tuple[str, str]]) -> str:
    """Large numbers with what they are: (value, words), plain text."""
    inner = "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(words)}</span></div>' for value, words in items
    )
    return f'<div class="tiles">{inner}</div>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int = 1) -> str:
    """Plain text in cells; columns from `numbers_from` on are aligned right."""

    def row(tag: str, cells: Sequence[str]) -> str:
        inner = "".join(
            f"<{tag}{' class=n' if column >= numbers_from else ''}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    lines = [row("th", headings), *(row("td", cells) for cells in rows)]
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def figure(picture: str, caption: str) -> str:
    """`picture`: a name in the folder of pictures; it opens large with a click."""
    address = f"{PICTURES}/{escape(picture)}"
    return (
        f'<figure><a href="{address}"><img loading="lazy" src="{address}" alt="{escape(caption)}"></a>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def sheet(figures: Iterable[str]) -> str:
    """Figures side by side."""
    return f'<div class="sheet">{"".join(figures)}</div>'


class ReportFolder:
    """Where a report is written; made at once, so that a place that cannot be used is told before the long work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            (folder / PICTURES).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--report {folder}: {error.strerror}, accepted: a folder that can be made") from error

    def add_picture(self, name: str, jpeg: bytes) -> None:
        """Raises ConfigError where the disk refuses."""
        self._write(f"{PICTURES}/{name}", jpeg)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the report and return its path. Raises ConfigError."""
        return self._write(name, text.encode())

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        try:
            path.write_bytes(content)
        except OSError as error:
            raise ConfigError(f"--report {path}: {error.strerror}, accepted: a folder that can be written") from error
        return path
