# ruff: noqa: INP001  # a module of the scripts beside it, not a package
"""Clips drawn, encoded, decoded and sifted once, so that rules are tried on the same specks in seconds."""

import io
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import av
import numpy as np
from facade_scenes import Scene, encoded
from facade_visible import sights
from facade_ways import ways

from edgeguard.motion import FallSieve
from edgeguard.motion.falls import flights_of, pixels_per_cell
from edgeguard.motion.flights import Flights
from edgeguard.motion.specks import Specks
from edgeguard.scenarios import build
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.types import Flight, Observation, Phase, Report

START = datetime(2026, 1, 1, tzinfo=UTC)
Row = dict[str, Any]
# The flights that end with the frame of a moment.
Found = tuple[float, tuple[Flight, ...]]


def play(kind: str, seed: int, *, drawn: bool) -> Row:
    """One clip through the sieve: what it shows, and its specks; not `drawn`: by where things are, without pictures."""
    # Three of four clips without a fall at half the rate, as they are many.
    fps = 12.5 if kind == "none" and seed % 4 else 0.0
    scene = Scene(seed, kind, large=drawn and kind == "fall" and seed % 4 == 0, fps=fps)
    truth, clip = scene.truth, io.BytesIO()
    if drawn:
        encoded(scene, clip)
    specks, ms = sifted(clip) if drawn else ([*ways(scene)], 0.0)
    row: Row = {
        "kind": kind, "seed": seed, "weather": truth.weather, "width": truth.width, "height": truth.height,
        "fps": truth.fps, "seconds": truth.seconds, "shake_px": truth.shake_px, "away_m": truth.away_m,
        "floors": truth.floors, "floor_lines_y": truth.floor_lines_y, "ms": ms, "specks": specks,
    }  # fmt: skip
    if truth.falls:
        fall = truth.falls[0]
        row |= {
            "thing": fall.thing, "size_cells": fall.size_px * 960 / truth.width, "contrast": fall.contrast,
            "fell": fall.fell_px / truth.height, "start_s": fall.start_s, "end_s": fall.end_s, "floor": fall.floor,
            "points": fall.points, "sights": sights(scene, decoded(clip)) if drawn else None,
        }  # fmt: skip
    return row


def sifted(clip: io.BytesIO) -> tuple[list[list[Any]], float]:
    """What is seen in each frame, and the sieve's milliseconds a frame."""
    sieve, spent_s = FallSieve(), 0.0
    found: list[list[Any]] = []
    for at_s, picture in decoded(clip):
        began = time.thread_time()
        specks = sieve.search(picture, at_s)
        sieve.follow(specks)
        spent_s += time.thread_time() - began
        found.append(stored(Specks.none(-1.0) if specks is None else specks))
    return found, 1000 * spent_s / len(found)


def decoded(clip: io.BytesIO) -> Iterator[tuple[float, DecodedPicture]]:
    clip.seek(0)
    scaler = Scaler()
    with av.open(clip) as container:
        for frame in container.decode(video=0):
            yield float(frame.time or 0), DecodedPicture(frame, scaler)


def stored(specks: Specks) -> list[Any]:
    """As plain numbers, to a hundredth of a cell."""
    return [specks.at_s, *np.column_stack([specks.xy, specks.size]).T.astype(np.float64).round(2).tolist()]


def followed(row: Row) -> Iterator[Found]:
    """The flights that end with each frame, and after the last."""
    width, height = row["width"], row["height"]
    step = pixels_per_cell(width, height)
    flights = Flights(width // step, height // step)
    at_s = 0.0
    for number, (seen_s, x, y, size) in enumerate(row["specks"]):
        at_s = number / row["fps"]
        specks = Specks(seen_s, np.column_stack([x, y]).astype(np.float32), np.array(size, np.float32))
        yield at_s, flights_of(flights.update(specks) if seen_s >= 0 else [], width, height)
    yield at_s, flights_of(flights.finish(), width, height)


def judged(row: Row, found: list[Found], settings: dict[str, Any]) -> list[Row]:
    """What the rule tells of a clip, frame by frame."""
    (rule,) = build(configs(settings), "facade", (), {}, lambda at: at.isoformat())
    told: list[Row] = []
    for at_s, flights in found:
        now = Observation(at_s, START, row["width"], row["height"], flights=flights)
        told += reports(rule.update(now).signals)
    return told


def configs(settings: dict[str, Any]) -> Any:  # noqa: ANN401 - made of the registry
    from edgeguard.pipeline import ChainConfig  # noqa: PLC0415

    return ChainConfig.model_validate({"scenarios": [{"kind": "conduct_thrown", **settings}]}).scenarios


def reports(signals: Iterable[object]) -> list[Row]:
    found = []
    for report in signals:
        if isinstance(report, Report) and report.phase is Phase.NEW and report.sighting is not None:
            seen = report.sighting
            floors = seen.floors and [seen.floors.low, seen.floors.likely, seen.floors.high]
            found.append(
                {
                    "at_s": report.monotonic_s,
                    "label": seen.label,
                    "score": round(seen.score, 3),
                    "floors": floors,
                    "path": seen.path,
                }
            )
    return found
