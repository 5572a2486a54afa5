import stat
from pathlib import Path

import pytest

from edgeguard.center.keys import NEXT, KeyFile, rotate
from edgeguard.contract.signing import SigningKey
from edgeguard.errors import CenterError


def test_a_new_key_is_the_owners_only_and_is_read_again(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "new")
    assert file.read() is None
    made = file.make()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    read = file.read()
    assert read is not None
    assert read.public.text == made.public.text


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    file = KeyFile(tmp_path)
    before = file.make()
    with pytest.raises(CenterError, match="is there already"):
        file.make()
    after = file.read()
    assert after is not None
    assert after.public.text == before.public.text


@pytest.mark.parametrize("content", [b"", b"no key", SigningKey.new().pem()[:60]])
def test_what_is_no_key_is_told_without_its_content(tmp_path: Path, content: bytes) -> None:
    file = KeyFile(tmp_path)
    file.make()
    file.path.write_bytes(content)
    with pytest.raises(CenterError, match="is no private Ed25519 key") as met:
        file.read()
    assert "PRIVATE" not in str(met.value)


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    file = KeyFile(tmp_path)
    file.make()
    file.path.chmod(0o640)
    with pytest.raises(CenterError, match="met mode 640, accepted: 600"):
        file.read()


def test_rotation(tmp_path: Path) -> None:
    KeyFile(tmp_path).make()
    with pytest.raises(CenterError, match="there is no next key"):
        rotate(tmp_path)
    following = KeyFile(tmp_path, NEXT).make()
    rotate(tmp_path)
    now = KeyFile(tmp_path).read()
    assert now is not None
    assert now.public.text == following.public.text
    assert KeyFile(tmp_path, NEXT).read() is None
