"""What goes to the platform once a minute, the port that is taken, and the page that tells of the metrics."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.agent.metrics import Metrics
from edgeguard.agent.operating import counters, tell_platform
from edgeguard.agent.ops import OpsServer, Questions
from edgeguard.agent.readings import readings
from edgeguard.agent.site import SiteConfig
from edgeguard.agent.survey import Survey
from edgeguard.contract.base import MAX_MESSAGE_BYTES
from edgeguard.errors import ConfigError
from tests.agent.test_readings import MOVED
from tests.agent.test_status import camera, status
from tests.conftest import MakeModel
from tests.support.boxes import box_settings, get_json, lab, running_box
from tests.support.mosquitto import Listener, Mosquitto, wait_for

NOTHING = np.zeros((1, 1, 6), np.float32)
PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")


def test_the_main_counters_of_a_full_box_fit_a_message() -> None:
    dropped = {"decode": 10**9, "superseded": 10**9}
    blind = dict.fromkeys(("stalled", "failed", "connecting"), 1e6)
    full = status(cameras=tuple(camera("c" * 61 + f"{n:03}", dropped=dropped, blind_s=blind) for n in range(64)))
    told = counters(full)
    assert len(json.dumps(told)) < MAX_MESSAGE_BYTES
    assert told["cameras"]["c" * 61 + "000"]["frames_dropped_total"] == dropped
    assert counters(status(disk=None, clock=None))["disk_free_bytes"] is None


def test_the_platform_is_told(tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener) -> None:
    site = box_settings(tmp_path, make_model(NOTHING), uplink=lab(broker.port))
    with running_box(site) as box:
        survey = Survey(box.services, box.lanes, lambda: box.file)
        wait_for(lambda: get_json(site, "/status")["uplink"]["connected"] and survey().guards, "a box at work")
        tell_platform(box.services, survey())
        wait_for(lambda: bool(listener.on("/metrics")), "the counters")
    assert json.loads(listener.on("/metrics")[0])["cameras"]["lift-a"]["state"] == "ok"


def test_a_taken_port_is_refused_and_nothing_stays_open(tmp_path: Path, make_model: MakeModel) -> None:
    site = SiteConfig.model_validate(box_settings(tmp_path, make_model(NOTHING)))
    assert site.ops is not None
    with (
        OpsServer(site.ops, Questions(lambda _: (None, 0.0), lambda _: b"")),
        pytest.raises(ConfigError, match=r"ops\.port"),
        Box(site),
    ):
        pass
    with Box(site):  # the journal was let go of
        pass


def test_the_page_has_every_metric_and_every_label() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`)[^|]*\| ([a-z, ]*) ?\|", PAGE, re.MULTILINE)
    told = {name: labels.replace(",", "").split() for names, labels in rows for name in re.findall(r"`([^`]+)`", names)}
    families = [*Metrics().collect(), *readings(status())]
    there = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    process = {name for name in there if name.startswith("process_")}
    assert set(told) - {"process_resident_memory_bytes"} == there - process
    assert "process_resident_memory_bytes" in process
    for name, changes in MOVED.items():
        for family in readings(status(**changes)):
            if family.name == name.removesuffix("_total"):
                assert all(set(sample.labels) == set(told[name]) for sample in family.samples)
