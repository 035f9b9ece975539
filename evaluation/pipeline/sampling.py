"""The sampling design of a survey, as ``design:`` in study.yaml declares it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.problems import Problem, Severity
from evaluation.tables.crosstab_tests import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Design as DesignConfig
    from evaluation.coding.data import CodedData, Variable
    from evaluation.inference.design import Design
    from evaluation.tables.spec import TableSpec


def sample_for(
    spec: TableSpec, data: CodedData, declared: DesignConfig, inside: NDArray[np.bool_]
) -> Sample:
    """Return the respondents behind a table with their design.

    Parameters
    ----------
    spec
        Its weight decides whether the estimate is weighted.
    data
        The survey.
    declared
        ``design:`` of the survey.
    inside
        Who is within the table's filter.

    Notes
    -----
    The finite population correction of a simple sample takes every respondent
    to stand for population / respondents persons, in every group alike.
    """
    ratio = declared.population / data.n if declared.population and data.n else 0.0
    design = design_for(spec.weight, data, declared)
    level = None if design is None else level_design_for(design, data, declared)
    is_corrected = design is None or (level is not None and level.fpc is not None)
    return Sample(
        data.variables,
        inside,
        design,
        0.0 if design else ratio,
        (declared.population or 0) if is_corrected else 0,
        level,
    )


def level_design_for(
    design: Design | None, data: CodedData, declared: DesignConfig
) -> Design | None:
    """Return the design by which levels are estimated: corrected for a declared population.

    ``population`` is the size of the whole, so it can only correct a sample of
    one stage without strata; with strata or clusters ``fpc`` says how many
    each stratum has. It corrects intervals of levels, never tests and changes
    (see docs/method.md); a declared ``fpc`` belongs to the design and is in
    everything, as in R.
    """
    from evaluation.inference.design import simple_design

    size = declared.population
    if not size or size < data.n or declared.fpc or declared.strata or declared.cluster:
        return design
    if design is None:
        return simple_design(data.n, float(size))
    return replace(design, fpc=np.full(data.n, float(size)))


def design_for(weight: str, data: CodedData, declared: DesignConfig) -> Design | None:
    """Return the design, None for a simple unweighted sample."""
    if not (weight or declared.strata or declared.cluster):
        return None
    from evaluation.inference.design import Design

    variables = data.variables
    weights = numbers(variables, weight, data.n) if weight else np.ones(data.n)
    fpc = numbers(variables, declared.fpc, data.n) if declared.fpc else None
    return Design(
        weights=np.nan_to_num(np.maximum(weights, 0.0)),
        strata=groups(variables, declared.strata) if declared.strata else None,
        clusters=groups(variables, declared.cluster) if declared.cluster else None,
        fpc=fpc,
    )


def design_problems(survey: str, data: CodedData, declared: DesignConfig) -> list[Problem]:
    """Return what is remarkable about the declared design as a whole, as warnings.

    Parameters
    ----------
    survey
        Its identifier in ``study.yaml``, for the place of the problem.
    data
        The survey.
    declared
        ``design:`` of the survey; names that the survey lacks are told elsewhere.
    """
    names = (declared.weight, declared.strata, declared.cluster, declared.fpc)
    if any(name and name not in data.variables for name in names):
        return []
    design = design_for(declared.weight or "", data, declared)
    if design is None:
        return []
    blamed = {"weights": declared.weight, "single": declared.strata, "fpc": declared.fpc}
    return [
        Problem(
            f"design-{key}",
            Severity.WARN,
            file="study.yaml",
            value=f"surveys.{survey}.design",
            column=blamed[key.split("-")[0]] or declared.cluster or "",
        )
        for key in design.warnings
    ]


def numbers(variables: Mapping[str, Variable], name: str, n: int) -> NDArray[np.float64]:
    """Return a variable as numbers, 0 where missing; codes count where they are numbers."""
    variable = variables[name]
    if isinstance(variable, Numeric):
        return np.nan_to_num(variable.values)
    if isinstance(variable, Categorical):
        values = np.array([_number(c.code) for c in variable.categories] + [0.0, 0.0, 0.0])
        return values[variable.codes]
    return np.zeros(n)


def groups(variables: Mapping[str, Variable], name: str) -> NDArray[np.generic]:
    """Return the group of every respondent; all who lack it are one group."""
    variable = variables[name]
    if isinstance(variable, Numeric):
        return np.nan_to_num(variable.values, nan=-1.0)
    if isinstance(variable, MultiResponse | FreeText):
        return variable.state
    return variable.codes


def _number(code: str) -> float:
    try:
        return float(code)
    except ValueError:
        return 0.0
