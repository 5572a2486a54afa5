"""The page of a sweep: a lane of episodes for each value, over the time of the recording."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from edgeguard.replay.page import page, table
from edgeguard.replay.score import ASIDE, Episode, Score

_WIDTH, _LEFT, _LANE, _AXIS = 1360, 110, 18, 24
_MARKS = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """One value, None: as recorded; `score` where there is a truth. `refused`: why the scenario does not take it."""

    value: float | None
    episodes: tuple[Episode, ...] = ()
    score: Score | None = None
    refused: str | None = None

    @property
    def alarm_s(self) -> float:
        """All episodes together."""
        return sum(one.end_s - one.new_s for one in self.episodes)


@dataclass(frozen=True, slots=True)
class Swept:
    """All that a page tells."""

    clip: str
    kind: str
    param: str
    original: str
    length_s: float
    recorded: Trial
    trials: tuple[Trial, ...]


def whatif_page(told: Swept) -> str:
    """The HTML document, without scripts."""
    return page(f"{told.kind}: {told.param}", _body(told))


def rows(told: Swept) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and lines of the table, as text."""
    scored = ("matched", "missed", "false") if told.recorded.score else ()
    headings = ("value", "episodes", "new s", "alarm s", *scored)
    return headings, [_cells(trial, told.original, len(scored)) for trial in (told.recorded, *told.trials)]


def notes(told: Swept) -> list[str]:
    """What stands below the table: why values were refused, and what the score leaves out."""
    score = told.recorded.score
    aside = [ASIDE.format(score.set_aside)] if score and score.set_aside else []
    return [*(trial.refused for trial in told.trials if trial.refused), *aside]


def _cells(trial: Trial, original: str, scores: int) -> tuple[str, ...]:
    value = f"{original} (recorded)" if trial.value is None else f"{trial.value:g}"
    if trial.refused is not None:
        return (value, "refused", *["-"] * (2 + scores))
    first = f"{trial.episodes[0].new_s:.2f}" if trial.episodes else "-"
    score = trial.score
    scored = () if score is None else (str(score.matched), str(score.missed), str(score.false_alarms))
    return (value, str(len(trial.episodes)), first, f"{trial.alarm_s:.2f}", *scored)


def _body(told: Swept) -> Iterator[str]:
    yield f"<h1>{escape(told.kind)}: {escape(told.param)} over {escape(told.clip)}</h1>"
    yield (
        '<p class="dim">The rules again over the looks of one replay. Where a setting makes a rule watch more closely, '
        "a box would have looked at more frames than were looked at here.</p>"
    )
    yield f"<h2>Episodes</h2>{lanes(told)}"
    yield f"<h2>Numbers</h2>{table(*rows(told))}"
    yield from (f'<p class="dim">{escape(note)}</p>' for note in notes(told))


def lanes(told: Swept) -> str:
    """SVG: time from left to right, a lane for each value, the recorded one first."""
    trials = (told.recorded, *told.trials)
    height = len(trials) * _LANE + _AXIS
    parts = [*_axis(told.length_s, height), *(part for row, one in enumerate(trials) for part in _lane(told, row, one))]
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="episodes by value">{"".join(parts)}</svg>'


def _lane(told: Swept, row: int, trial: Trial) -> Iterator[str]:
    y = row * _LANE
    name = "recorded" if trial.value is None else f"{trial.value:g}"
    yield f'<text x="{_LEFT - 10}" y="{y + 13}" text-anchor="end">{name}</text>'
    for one in trial.episodes:
        x, end = _x(one.new_s, told.length_s), _x(one.end_s, told.length_s)
        words = f"{one.code} {one.new_s:.2f} s to {one.end_s:.2f} s"
        colour = "var(--blue)" if trial.value is None else "var(--bad)"
        yield (
            f'<rect x="{x:.1f}" y="{y + 3}" width="{max(end - x, 3.0):.1f}" height="{_LANE - 6}" rx="3" '
            f'fill="{colour}"><title>{escape(words)}</title></rect>'
        )


def _axis(length_s: float, height: int) -> Iterator[str]:
    for mark in range(_MARKS + 1):
        at_s = length_s * mark / _MARKS
        x = _x(at_s, length_s)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - _AXIS}" stroke="var(--line)"/>'
        yield f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle">{at_s:.1f} s</text>'


def _x(at_s: float, length_s: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - 30) * at_s / max(length_s, 0.1)
