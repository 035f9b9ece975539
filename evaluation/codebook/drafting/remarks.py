"""What drafting was unsure of, as data; the wording lives in the texts under ``draft.<code>``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Remark:
    """One guess that a person should look at.

    Attributes
    ----------
    code
        Key of the wording.
    values
        What the wording names; never an answer in free text.
    """

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


def remark(code: str, **values: object) -> Remark:
    """Return a remark with its values as texts."""
    return Remark(code, {name: str(value) for name, value in values.items()})
