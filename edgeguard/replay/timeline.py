"""A recording at one look, as SVG: what was true, what was said, and how sure the detector was."""

from collections.abc import Iterator, Sequence
from html import escape

from edgeguard.replay.album import ScorePoint
from edgeguard.replay.score import Episode, Matching

WIDTH, LEFT, RIGHT = 1360, 90, 14
LANE, PLOT = 26, 120
# A readable axis has about so many marks.
MARKS = 12
STEPS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)


def timeline(
    length_s: float,
    matching: Matching,
    points: Sequence[ScorePoint],
    label: str,
    thresholds: tuple[float, float] | None,
    alarms: Sequence[Episode],
) -> str:
    """SVG of one recording: lanes of truth and episodes over the score of `label`; `thresholds`: c_lo and c_hi."""
    drawing = _Drawing(max(length_s, 0.1))
    truth = [entry for _, entry in matching.found if entry is not None]
    parts = [
        *drawing.axis(),
        *drawing.lane(0, "truth", ((e.start_s, e.end_s, "var(--good)", e.code) for e in truth)),
        *drawing.lane(0, "", ((e.start_s, e.end_s, "var(--bad)", f"missed: {e.code}") for e in matching.missed)),
        *drawing.lane(1, "episodes", ((e.new_s, e.end_s, _colour(e, alarms), _words(e)) for e, _ in matching.found)),
        *drawing.plot(points, label, thresholds),
    ]
    height = 2 * LANE + PLOT + 40
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="timeline">{"".join(parts)}</svg>'


def _colour(episode: Episode, alarms: Sequence[Episode]) -> str:
    return "var(--bad)" if episode in alarms else "var(--blue)"


def _words(episode: Episode) -> str:
    return f"{episode.code} {episode.new_s:.2f} s to {episode.end_s:.2f} s"


class _Drawing:
    def __init__(self, length_s: float) -> None:
        self._length_s = length_s

    def x(self, at_s: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(at_s / self._length_s, 1.0)

    def axis(self) -> Iterator[str]:
        step_s = next((step for step in STEPS_S if self._length_s / step <= MARKS), STEPS_S[-1])
        bottom = 2 * LANE + PLOT + 14
        mark = 0.0
        while mark <= self._length_s:
            x = self.x(mark)
            yield _line(x, x, 4, bottom, 'stroke="var(--line)"')
            yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{mark:g} s</text>'
            mark += step_s

    def lane(self, row: int, name: str, bars: Iterator[tuple[float, float, str, str]]) -> Iterator[str]:
        y = 6 + row * LANE
        yield f'<text x="8" y="{y + 14}">{name}</text>'
        for start_s, end_s, colour, words in bars:
            width = max(self.x(end_s) - self.x(start_s), 3.0)
            yield (
                f'<rect x="{self.x(start_s):.1f}" y="{y}" width="{width:.1f}" height="{LANE - 8}" rx="4" '
                f'fill="{colour}"><title>{escape(words)}</title></rect>'
            )

    def plot(self, points: Sequence[ScorePoint], label: str, thresholds: tuple[float, float] | None) -> Iterator[str]:
        bottom = 2 * LANE + 10 + PLOT
        yield f'<text x="8" y="{bottom - PLOT + 12}">score of</text><text x="8" y="{bottom - PLOT + 28}">{label}</text>'
        for name, value, offset in zip(("c_lo", "c_hi"), thresholds or (), (12, -3), strict=False):
            y = bottom - PLOT * value
            yield _line(LEFT, WIDTH - RIGHT, y, y, 'stroke="var(--amber)" stroke-dasharray="4 4"')
            yield f'<text x="{WIDTH - RIGHT}" y="{y + offset:.1f}" text-anchor="end">{name} {value:g}</text>'
        for point in points:
            x, top = self.x(point.at_s), bottom - PLOT * point.best.get(label, 0.0)
            yield _line(x, x, bottom, top, 'stroke="var(--blue)" stroke-width="1.5"')
        yield _line(LEFT, WIDTH - RIGHT, bottom, bottom, 'stroke="var(--dim)"')


def _line(x0: float, x1: float, y0: float, y1: float, stroke: str) -> str:
    return f'<line x1="{x0:.1f}" x2="{x1:.1f}" y1="{y0:.1f}" y2="{y1:.1f}" {stroke}/>'
