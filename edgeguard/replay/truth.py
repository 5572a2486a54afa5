"""What really happened in a recording: a list of episodes, written by a person or a renderer."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from edgeguard.contract import find
from edgeguard.errors import ContractError, TruthError
from edgeguard.yamlfile import Strict, YamlFile


def _known(code: str) -> str:
    try:
        return find(code).code
    except ContractError as error:
        raise ValueError(str(error)) from error


class TruthEntry(Strict):
    """An episode whose `new` is right between `start_s - tolerance_s` and `end_s + tolerance_s` of the recording."""

    code: Annotated[str, AfterValidator(_known)]
    start_s: float = Field(ge=0, allow_inf_nan=False)
    end_s: float = Field(ge=0, allow_inf_nan=False)
    tolerance_s: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError(f"end_s at or after start_s, met start_s {self.start_s:g}, end_s {self.end_s:g}")
        return self

    @property
    def opens_s(self) -> float:
        return self.start_s - self.tolerance_s

    @property
    def closes_s(self) -> float:
        return self.end_s + self.tolerance_s


def read_truth(path: Path) -> tuple[TruthEntry, ...]:
    """Read a truth file; raises TruthError with file, line, entry, value met and values accepted.

    A recording in which nothing must be raised has an empty list, `[]`; an empty file is refused as unfinished.
    """
    return tuple(YamlFile(path, TruthError).check(list[TruthEntry]))
