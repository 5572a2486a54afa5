"""A changed site on a running box: what it does not name goes on untouched."""

from pathlib import Path
from typing import Any

import pytest

from edgeguard.agent.box import Box
from edgeguard.agent.changes import Effect
from edgeguard.agent.site import SiteConfig
from edgeguard.errors import AudioError, ConfigError, EdgeGuardError, UplinkError
from edgeguard.types import Phase
from tests.agent.test_replacing import EBIKE, phases, settings
from tests.conftest import MakeModel
from tests.support.boxes import at_work
from tests.support.mosquitto import Listener, Mosquitto, wait_for

A, B, C = {"id": "lift-a"}, {"id": "lift-b"}, {"id": "lift-c"}


def changed(site: SiteConfig, **changes: Any) -> SiteConfig:
    return site.model_copy(update=changes)


def test_nothing_to_apply(tmp_path: Path, make_model: MakeModel) -> None:
    site = settings(tmp_path, make_model(EBIKE), A)
    with Box(site) as box:
        plan = box.services.plan
        assert not box.apply(site)
        assert box.services.plan is plan


def test_only_the_named_camera_is_replaced_and_its_episode_goes_on(tmp_path: Path, make_model: MakeModel) -> None:
    models = make_model(EBIKE)
    box = Box(settings(tmp_path, models, A, B))
    with at_work(box):
        wait_for(lambda: len(box.services.journal.open_episodes()) == 2, "both episodes")
        a, b = box.lanes["lift-a"], box.lanes["lift-b"]
        kept = b.reader, b.reader.thread, b.worker
        frames = b.reader.status().frames_in
        diff = box.apply(settings(tmp_path, models, A | {"detect_hz": 5}, B))
        assert diff.cameras(Effect.CAMERA) == ("lift-a",)
        assert box.lanes["lift-a"] is not a
        assert not a.worker.alive
        assert (box.lanes["lift-b"], b.reader, b.reader.thread, b.worker) == (b, *kept)
        wait_for(lambda: b.reader.status().frames_in > frames + 3, "pictures of the camera that was not named")
        wait_for(lambda: box.lanes["lift-a"].worker.pipeline.frames_looked_at > 2, "looks of the new one")
        assert b.reader.status().reconnects == 0
    assert sorted(phases(tmp_path)) == sorted(
        [*[(camera, Phase.NEW) for camera in ("lift-a", "lift-b")], *updates(tmp_path)]
    )


def updates(folder: Path) -> list[tuple[str, Phase]]:
    return [step for step in phases(folder) if step[1] is Phase.UPDATE]


def test_cameras_come_and_go(tmp_path: Path, make_model: MakeModel) -> None:
    models = make_model(EBIKE)
    box = Box(settings(tmp_path, models, A, B))
    with at_work(box):
        wait_for(lambda: len(box.services.journal.open_episodes()) == 2, "both episodes")
        kept = box.lanes["lift-b"].worker
        box.apply(settings(tmp_path, models, B, C))
        assert set(box.lanes) == {"lift-b", "lift-c"}
        assert box.lanes["lift-b"].worker is kept
        wait_for(lambda: {e.camera_id for e in box.services.journal.open_episodes()} == {"lift-b", "lift-c"}, "both")
    steps = phases(tmp_path)
    assert [steps.count((camera, Phase.END)) for camera in ("lift-a", "lift-b", "lift-c")] == [1, 0, 0]


def test_the_episode_of_a_rule_that_is_taken_out_is_ended(tmp_path: Path, make_model: MakeModel) -> None:
    models = make_model(EBIKE)
    box = Box(settings(tmp_path, models, A))
    with at_work(box):
        wait_for(box.services.journal.open_episodes, "the episode")
        box.apply(settings(tmp_path, models, A | {"scenarios": [{"kind": "conduct_loiter", "dwell_s": 3600}]}))
        wait_for(lambda: not box.services.journal.open_episodes(), "its end")
    assert phases(tmp_path)[-1] == ("lift-a", Phase.END)


def test_another_voice_touches_no_camera(tmp_path: Path, make_model: MakeModel) -> None:
    models = make_model(EBIKE)
    site = settings(tmp_path, models, A)
    box = Box(site)
    with at_work(box):
        worker, voice = box.lanes["lift-a"].worker, box.services.plan.station().voice
        box.apply(changed(site, voice=site.voice.model_copy(update={"volume_db": -6.0})))
        assert box.lanes["lift-a"].worker is worker
        assert box.services.plan.station().voice is not voice
        assert voice.health().state == "stopped"
        wait_for(lambda: box.services.plan.station().voice.health().state == "ok", "the new voice")


def test_another_broker_touches_no_camera_and_gets_what_waits(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(EBIKE), A)
    box = Box(site)
    with at_work(box):
        wait_for(box.services.journal.open_episodes, "the episode")
        worker = box.lanes["lift-a"].worker
        uplink = {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True}
        box.apply(SiteConfig.model_validate(site.model_dump() | {"uplink": uplink, "privacy": {"blur_heads": False}}))
        wait_for(lambda: listener.on("/event/"), "the event")
        wait_for(lambda: listener.on("/cam/lift-a/health"), "the camera's health")
        assert box.lanes["lift-a"].worker is worker
        assert not box.services.evidence.blur


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"site": "sh"}, ConfigError, "restart needed: site: met sh, accepted: hz, or restart"),
        ({"box": "box-2"}, ConfigError, "restart needed: box"),
        ({"data_dir": Path("elsewhere")}, ConfigError, "restart needed: data_dir"),
        ({"voice": {"output": {"kind": "memory"}, "languages": ["xx"]}}, AudioError, "xx"),
        (
            {"cameras": [{"id": "lift-a", "model": "big", "source": {"kind": "synthetic"}}]},
            ConfigError,
            "no model 'big'",
        ),
        (
            {"uplink": {"host": "h", "insecure_lab": True, "username": "u", "password_env": "EDGEGUARD_NO_SUCH"}},
            UplinkError,
            "EDGEGUARD_NO_SUCH is not set",
        ),
    ],
)
def test_what_cannot_be_applied_changes_nothing(
    tmp_path: Path, make_model: MakeModel, change: dict[str, Any], error: type[EdgeGuardError], told: str
) -> None:
    site = settings(tmp_path, make_model(EBIKE), A)
    with Box(site) as box:
        plan, worker = box.services.plan, box.lanes["lift-a"].worker
        new = SiteConfig.model_validate(site.model_dump() | {"privacy": {"blur_heads": False}} | change)
        with pytest.raises(error, match=told):
            box.apply(new)
        assert (box.services.plan, box.lanes["lift-a"].worker, box.services.evidence.blur) == (plan, worker, True)
