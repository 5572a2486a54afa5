"""A consumer that misses events asks the box to send them again."""

from typing import Self

from pydantic import Field, model_validator

from edgeguard.contract.base import Order


class Gap(Order):
    """To the box on `gap`: both ends included; the events come with `historical: true` and their old ids."""

    from_seq: int = Field(ge=1)
    to_seq: int = Field(ge=1)

    @model_validator(mode="after")
    def _not_backwards(self) -> Self:
        if self.to_seq < self.from_seq:
            raise ValueError(f"to_seq {self.to_seq} must not be below from_seq {self.from_seq}")
        return self
