"""From survey answers to a published evaluation report."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["Study", "load_study"]


def __getattr__(name: str) -> Any:
    """Import the Python interface at first use, so that the command line starts fast."""
    if name in __all__:
        from evaluation import study

        return getattr(study, name)
    raise AttributeError(name)
