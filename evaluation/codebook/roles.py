"""Roles of questions that are left out of what a report shows."""

from __future__ import annotations

from evaluation.codebook.schema import Role

NEVER_SHOWN = frozenset({Role.IDENTITY, Role.ADMIN, Role.WEIGHT})
"""No table, no appendix: who answered, how the tool handled it, what a respondent counts for."""

NO_SUBJECT = NEVER_SHOWN | {Role.UNIT, Role.OCCASION, Role.WAVE}
"""Nor the subject of a unit's report or a comparison: these say which answers it is about."""
