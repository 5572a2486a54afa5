from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter

from edgeguard.errors import ModelError
from edgeguard.recognizers import KINDS, placed, verify
from edgeguard.recognizers.manifest import RecognizerEntry
from tests.support import face_models

ENTRIES: TypeAdapter[RecognizerEntry] = TypeAdapter(RecognizerEntry)


def test_every_kind_of_description_is_registered() -> None:
    described = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(RecognizerEntry)[0])}
    assert described == set(KINDS)


@pytest.mark.parametrize("tiny", [face_models.finder(), face_models.template(), face_models.liveness()])
def test_a_sound_file_loads_and_a_damaged_one_is_refused(tmp_path: Path, tiny: face_models.Tiny) -> None:
    spec = placed(ENTRIES.validate_python(tiny.entry), tiny.put(tmp_path))
    verify(spec)
    spec.path.write_bytes(tiny.data + b" ")
    with pytest.raises(ModelError, match="sha256 is "):
        verify(spec)
