"""Parts that really hang in a running box: each is replaced alone, its episodes go on."""

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import Event
from edgeguard.detectors import HangingDetector
from edgeguard.errors import BoxError
from edgeguard.journal import Journal
from edgeguard.pipeline.config import ChainConfig, Model, share_model
from edgeguard.types import Phase
from tests.conftest import MakeModel
from tests.support.boxes import at_work
from tests.support.mosquitto import wait_for

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1]]], np.float32)


def settings(folder: Path, models: Path, *cameras: dict[str, Any], **changes: Any) -> SiteConfig:
    rows = [{"model": "tiny", "source": {"kind": "synthetic"}} | camera for camera in cameras]
    voice = {"output": {"kind": "memory"}, "languages": ["zh"]}
    facts = {"site": "hz", "box": "box-1", "data_dir": folder / "data", "models_dir": models}
    return SiteConfig.model_validate(facts | {"cameras": rows, "voice": voice} | changes)


def phases(folder: Path, code: str = "LIFT.EBIKE.ENTER") -> list[tuple[str, Phase]]:
    """(camera, phase) of what the journal holds, in order."""
    with Journal(folder / "data" / "journal.sqlite3", "hz", "box-1") as journal:
        rows = journal.pending(1000)
    events = [Event.from_json(row.payload).data for row in rows if row.seq is not None]
    return [(str(event.camera), event.phase) for event in events if event.code == code]


class Opener:
    """Loads the models that a site names, behind detectors that hang on demand."""

    def __init__(self) -> None:
        self.detector: HangingDetector

    def __call__(self, config: ChainConfig, folder: Path | None) -> Model:
        model = share_model(config, folder)
        self.detector = HangingDetector(model.detector)
        return replace(model, detector=self.detector)


def test_a_source_that_hangs_is_replaced_and_the_other_camera_sees_nothing_of_it(
    tmp_path: Path, make_model: MakeModel
) -> None:
    hanging = {"id": "lift-a", "source": {"kind": "synthetic", "duration_s": 1, "then": "hang"}}
    box = Box(settings(tmp_path, make_model(EBIKE), hanging, {"id": "lift-b"}))
    with at_work(box):
        first, other = box.lanes["lift-a"].reader, box.lanes["lift-b"]
        untouched = other.reader, other.worker
        wait_for(lambda: box.supervisor.replaced["camera lift-a reader"], "the replacement")
        wait_for(lambda: box.lanes["lift-a"].reader.status().frames_in > 0, "pictures again")
        assert box.lanes["lift-a"].reader is not first
        assert (other.reader, other.worker) == untouched
        assert box.supervisor.abandoned_total >= 1
    assert [phase for camera, phase in phases(tmp_path) if camera == "lift-a"].count(Phase.NEW) == 1


def test_a_chain_that_hangs_is_replaced_and_its_episode_goes_on(tmp_path: Path, make_model: MakeModel) -> None:
    opener = Opener()
    camera = {"id": "lift-a", "execution": {"sessions": 2}}
    box = Box(settings(tmp_path, make_model(EBIKE), camera), load=opener)
    with at_work(box):
        wait_for(box.services.journal.open_episodes, "the episode")
        opener.detector.hang()
        wait_for(lambda: box.supervisor.replaced["camera lift-a chain"], "the replacement")
        looked = box.lanes["lift-a"].worker.pipeline
        wait_for(lambda: looked.frames_looked_at > 3, "looks of the new chain")
    assert [phase for _, phase in phases(tmp_path)].count(Phase.NEW) == 1
    assert [phase for _, phase in phases(tmp_path)].count(Phase.END) == 0


def test_a_detector_that_hangs_for_all_cannot_be_replaced(tmp_path: Path, make_model: MakeModel) -> None:
    opener = Opener()
    camera = {"id": "lift-a", "execution": {"sessions": 1}}
    with Box(settings(tmp_path, make_model(EBIKE), camera), load=opener) as box:
        opener.detector.hang()
        with pytest.raises(BoxError, match=r"detector tiny stuck for \d\.\d s \(detects\)"):
            box.run(threading.Event())
        assert box.supervisor.replaced == {}


def test_a_loudspeaker_that_hangs_is_replaced_and_the_phrase_has_failed(tmp_path: Path, make_model: MakeModel) -> None:
    voice = {"output": {"kind": "memory", "hang_after_s": 0.5}, "languages": ["zh"]}
    box = Box(settings(tmp_path, make_model(EBIKE), {"id": "lift-a"}, voice=voice))
    with at_work(box):
        lane, first = box.lanes["lift-a"], box.services.plan.station().voice
        worker = lane.worker
        wait_for(lambda: box.supervisor.replaced["voice on memory"], "the replacement")
        assert box.services.plan.station().voice is not first
        assert lane.worker is worker


def test_a_journal_that_hangs_is_seen(tmp_path: Path, make_model: MakeModel) -> None:
    """Another program holds the database."""
    with Box(settings(tmp_path, make_model(EBIKE), {"id": "lift-a"})) as box:
        wait_for(box.services.journal.open_episodes, "the episode")
        other = sqlite3.connect(tmp_path / "data" / "journal.sqlite3", isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            threading.Thread(target=box.services.journal.next_bd_seq, daemon=True).start()
            with pytest.raises(BoxError, match=r"journal stuck for \d\.\d s \(commits\)"):
                box.run(threading.Event())
        finally:
            other.execute("ROLLBACK")
            other.close()
