from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.actuators.config import QuietHours, VoiceConfig


@pytest.mark.parametrize(
    ("start", "end", "at", "covered"),
    [
        pytest.param(time(22), time(7), time(22), True, id="start belongs"),
        pytest.param(time(22), time(7), time(0), True, id="over midnight"),
        pytest.param(time(22), time(7), time(7), False, id="end does not"),
        pytest.param(time(12), time(14), time(13), True, id="by day"),
        pytest.param(time(12), time(14), time(22), False, id="outside"),
    ],
)
def test_quiet_hours_cover(start: time, end: time, at: time, covered: bool) -> None:
    assert QuietHours(start=start, end=end).covers(at) is covered


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param({"output": {"kind": "usb"}}, "usb", id="unknown output"),
        pytest.param({"output": {"kind": "file"}}, "path", id="file without path"),
        pytest.param({"volume": -3}, "volume", id="unknown key"),
        pytest.param({"volume_db": 6}, "less than or equal to 0", id="louder than levelled"),
        pytest.param({"languages": []}, "at least 1", id="no language"),
        pytest.param({"languages": ["zh", "zh"]}, "each language once", id="twice"),
        pytest.param({"timezone": "Asia/Atlantis"}, "Asia/Shanghai", id="no such zone"),
        pytest.param({"quiet_hours": [{"start": "22:00", "end": "22:00"}]}, "must differ", id="no length"),
    ],
)
def test_wrong_configuration_is_refused(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        VoiceConfig.model_validate(raw)


def test_nothing_given_is_the_default() -> None:
    config = VoiceConfig.model_validate({})
    assert (config.output.kind, config.languages, config.volume_db) == ("alsa", ("zh", "en"), 0.0)
