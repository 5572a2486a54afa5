"""`python -m models.training.scenes`: see `commands.py`."""

from .outcome import ended


def _asked() -> str:
    from .commands import parser, run  # noqa: PLC0415 - what is missing is told by `ended`

    return run(parser().parse_args())


def main() -> int:
    return ended(_asked)


if __name__ == "__main__":
    raise SystemExit(main())
