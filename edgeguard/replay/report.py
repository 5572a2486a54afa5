"""The page of a replay: its score, its timeline, and every episode with its pictures."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from edgeguard.pipeline import Model
from edgeguard.replay.album import Album, Shot
from edgeguard.replay.page import figure, page, sheet, table, tiles
from edgeguard.replay.score import Episode, Matching, false_alarms, latency_ms, match
from edgeguard.replay.timeline import timeline
from edgeguard.replay.truth import TruthEntry

# Upper end of a 95 % interval for a rate after no event at all ("rule of three"): -ln(0.05).
NONE_SEEN = 2.996


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a page is made of; `truth` None: nobody said what happened. `damage`: why the recording ended early.

    `plotted`: the label whose scores are drawn over time. `asked`: codes of the rules that were asked for, None: all.
    """

    clip: str
    model: Model
    episodes: Sequence[Episode]
    truth: Sequence[TruthEntry] | None
    album: Album
    damage: str | None = None
    plotted: str = "e-bike"
    asked: Collection[str] | None = None


def replay_page(replayed: Replayed) -> str:
    """The HTML document."""
    return page(f"Replay of {replayed.clip}", _body(replayed))


def _body(replayed: Replayed) -> Iterator[str]:
    album, truth = replayed.album, replayed.truth or ()
    matching = match(replayed.episodes, truth)
    alarms = false_alarms(matching, truth, replayed.asked) if replayed.truth is not None else ()
    yield f"<h1>{escape(replayed.clip)}</h1>"
    yield f'<p class="dim">{escape(_made_with(replayed))}</p>'
    if replayed.damage is not None:
        yield f'<p class="bad">The recording ended before its time: {escape(replayed.damage)}</p>'
    yield tiles(_numbers(replayed, matching, alarms))
    point = replayed.model.thresholds.get(replayed.plotted)
    thresholds = (point.c_lo, point.c_hi) if point else None
    drawing = timeline(album.length_s, matching, album.points, replayed.plotted, thresholds, alarms)
    yield f'<h2>Timeline</h2><div class="scroll">{drawing}</div>'
    yield f"<h2>Episodes: {len(replayed.episodes)}</h2>"
    for episode, entry in matching.found:
        yield _episode(episode, entry, album.episodes.get(episode.event_id, ()), alarm=episode in alarms)
    for missed in matching.missed:
        yield _missed(missed, album.entries.get(missed, ()))
    if replayed.episodes:
        yield "<h2>As a table</h2>" + _table(matching)


def _made_with(replayed: Replayed) -> str:
    album, model = replayed.album, replayed.model
    digest = f" ({model.sha256[:12]})" if model.sha256 else ""
    looks = f"{album.frames} frames, a detector looked at {len(album.points)} of them"
    return f"{album.length_s:.1f} s, {looks}; {model.name}{digest}. Heads of people are blurred."


def _numbers(replayed: Replayed, matching: Matching, alarms: Sequence[Episode]) -> Iterator[tuple[str, str]]:
    if replayed.truth is None:
        yield str(len(replayed.episodes)), "episodes (no truth was given)"
        return
    hours = replayed.album.length_s / 3600
    yield f"{len(replayed.truth) - len(matching.missed)} of {len(replayed.truth)}", "found"
    yield str(len(matching.missed)), "missed"
    yield str(len(alarms)), "false alarms"
    late = sorted(latency_ms(episode, entry) for episode, entry in matching.found if entry is not None)
    if late:
        yield f"{late[len(late) // 2]:.0f} ms", "from start to new, median"
        yield f"{late[-1]:.0f} ms", "from start to new, slowest"
    if hours and not alarms:
        yield f"< {NONE_SEEN / hours:.3g} / h", "false alarms, upper end of 95 %"


def _episode(episode: Episode, entry: TruthEntry | None, shots: Sequence[Shot], *, alarm: bool) -> str:
    verdict = (
        "false alarm" if alarm else "" if entry is None else f"found {latency_ms(episode, entry):.0f} ms after start"
    )
    kind = "bad" if alarm else "good" if entry else ""
    facts = f"{episode.new_s:.2f} s to {episode.end_s:.2f} s, {episode.severity}, highest score {episode.max_score:.2f}"
    ended = f"outcome {episode.outcome or 'unknown'}, ended by {episode.end_reason or '-'}"
    return (
        f'<article class="{kind}"><p><b>{escape(episode.code)}</b> <span class="{kind}">{escape(verdict)}</span></p>'
        f'<p class="dim">{escape(facts)}; {escape(ended)}</p>{_shots(shots)}</article>'
    )


def _missed(entry: TruthEntry, shots: Sequence[Shot]) -> str:
    when = f"{entry.start_s:.2f} s to {entry.end_s:.2f} s"
    return (
        f'<article class="bad"><p><b>{escape(entry.code)}</b> <span class="bad">missed</span></p>'
        f'<p class="dim">{when}</p>{_shots(shots)}</article>'
    )


def _shots(shots: Sequence[Shot]) -> str:
    return sheet(figure(shot.name, f"{shot.words}, {shot.at_s:.2f} s") for shot in shots)


def _table(matching: Matching) -> str:
    rows = [
        [
            episode.code,
            episode.severity,
            episode.outcome or "-",
            episode.end_reason or "-",
            f"{episode.new_s:.2f}",
            f"{episode.end_s:.2f}",
            f"{episode.max_score:.2f}",
            "-" if entry is None else f"{latency_ms(episode, entry):.0f}",
        ]
        for episode, entry in matching.found
    ]
    headings = ["code", "severity", "outcome", "ended by", "new s", "end s", "score", "latency ms"]
    return table(headings, rows, numbers_from=4)
