import pytest

from edgeguard.uplink.pace import Backoff, Bucket


@pytest.mark.parametrize(("chance", "expected"), [(0.0, [0.5, 1.0, 2.0, 4.0, 4.0]), (1.0, [1.0, 2.0, 4.0, 8.0, 8.0])])
def test_backoff_doubles_up_to_its_most(chance: float, expected: list[float]) -> None:
    backoff = Backoff(1.0, 8.0, lambda: chance)
    assert [backoff.next_s() for _ in expected] == expected
    backoff.reset()
    assert backoff.next_s() == expected[0]


def test_a_bucket_fills_at_its_rate_up_to_its_size() -> None:
    times = iter([0.0, 0.0, 0.1, 100.0])
    bucket = Bucket(20.0, 5, lambda: next(times))
    assert bucket.available() == 5
    bucket.take(5)
    assert bucket.available() == 2
    assert bucket.available() == 5
