"""Tables of a loaded study: all of them counted in one call per survey."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.counting.count import count
from evaluation.expressions import names
from evaluation.model import RowKind
from evaluation.pipeline.filters import expression, filter_text, respondents
from evaluation.report.markdown import slug
from evaluation.tables.build import Labels, build_table
from evaluation.tables.plan import requests_for, with_countable
from evaluation.tables.request import local, question_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from evaluation.codebook.schema import Codebook
    from evaluation.coding.data import CodedData
    from evaluation.counting.spec import CountRequest, Counts
    from evaluation.expressions import Expression
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.tables.spec import TableSpec
    from evaluation.tables.table import Table
    from evaluation.texts import Texts


def tabulate(
    study: LoadedStudy, specs: Sequence[TableSpec], *, intervals: bool = False
) -> list[Table]:
    """Count and build tables, in the order given.

    Every distinct count is made once, however many tables need it. With
    ``intervals`` every proportion gets one, also where none is asked for.

    Raises
    ------
    UnknownVariableError
        If a specification names a question that its survey lacks.
    ExpressionError
        If a filter cannot be read.
    """
    tables: dict[TableSpec, Table] = {}
    for survey in dict.fromkeys(spec.survey for spec in specs):
        wanted = [spec for spec in dict.fromkeys(specs) if spec.survey == survey]
        counts = _count(study, survey, wanted)
        data = _outlined(study.coded[survey])
        survey_filter = study.folder.study.surveys[survey].filter
        for spec in wanted:
            labels = labels_for(spec, study.folder.codebooks[survey], study.folder.texts)
            table = build_table(
                spec, data=data, survey_filter=survey_filter, counts=counts, labels=labels
            )
            tables[spec] = table
        wanted = [s for s in wanted if intervals or _needs_inference(s)]
        if wanted:
            made = _inferred(study, [tables[s] for s in wanted], intervals=intervals)
            tables.update(zip(wanted, made, strict=True))
    return _with_ids([tables[spec] for spec in specs])


def _outlined(data: CodedData) -> CodedData:
    """Return a survey of which labels are wanted: one that lies in a file is not read for them."""
    outlines = getattr(data.variables, "outlines", None)
    return data if outlines is None else replace(data, variables=outlines())


def _needs_inference(spec: TableSpec) -> bool:
    return bool(spec.ci or spec.tests or spec.compare)


def _inferred(study: LoadedStudy, tables: Sequence[Table], *, intervals: bool) -> list[Table]:
    """Add intervals, tests and letters; the statistics are imported only here."""
    from evaluation.pipeline.sampling import sample_for
    from evaluation.tables.design_limits import told_columns
    from evaluation.tables.infer import with_inference_all

    inside: dict[tuple[str, str], NDArray[np.bool_]] = {}
    samples = []
    for spec in (table.spec for table in tables):
        key = (spec.survey, filter_text(study, spec.survey, spec.where))
        if key not in inside:
            inside[key] = respondents(study, *key)
        declared = study.folder.study.surveys[spec.survey].design
        samples.append(sample_for(spec, study.coded[spec.survey], declared, inside[key]))
    policy = study.folder.study.protection
    limit = policy.minimum_count + policy.insider
    return [
        replace(table, told=told_columns(table, sample, limit))
        for table, sample in zip(
            with_inference_all(tables, samples, default_interval=intervals), samples, strict=True
        )
    ]


def _count(
    study: LoadedStudy, survey: str, specs: Sequence[TableSpec]
) -> dict[CountRequest, Counts]:
    data = study.coded[survey]
    survey_filter = study.folder.study.surveys[survey].filter
    requests = list(
        dict.fromkeys(r for spec in specs for r in requests_for(spec, data, survey_filter))
    )
    if study.engine != "memory":
        return _count_elsewhere(study, survey, requests)
    return _count_here(study, survey, requests)


def _count_here(
    study: LoadedStudy, survey: str, requests: list[CountRequest]
) -> dict[CountRequest, Counts]:
    data = study.coded[survey]
    filters = dict.fromkeys(r.mask for r in requests if r.mask)
    masks = {text: respondents(study, survey, text) for text in filters}
    prepared = replace(data, variables=with_countable(data, requests))
    return dict(zip(requests, count(prepared, requests, masks), strict=True))


def _count_elsewhere(
    study: LoadedStudy, survey: str, requests: list[CountRequest]
) -> dict[CountRequest, Counts]:
    """Count in an engine; the answers leave it only as counts.

    Of a survey that lies in a file the engine reads the file itself. What has
    no categories there (numbers, texts) is read column by column and counted here.
    """
    from evaluation.loading.engines.connect import count_on
    from evaluation.loading.engines.stored import StoredVariables

    variables = study.coded[survey].variables
    if not isinstance(variables, StoredVariables):
        answers, masks = _sent(study, survey, requests)
        counted = count_on(study.engine, answers, requests, masks, study.engine_settings)
        return dict(zip(requests, counted, strict=True))
    there = [r for r in requests if all(map(variables.has_categories, _counted([r])))]
    here = [r for r in requests if r not in set(there)]
    filters = {r.mask: expression(study, survey, r.mask) for r in there if r.mask}
    counted = count_on(study.engine, variables.path, there, filters, study.engine_settings)
    return dict(zip(there, counted, strict=True)) | _count_here(study, survey, here)


def _sent(
    study: LoadedStudy, survey: str, requests: list[CountRequest]
) -> tuple[CodedData, dict[str, Expression | NDArray[np.bool_]]]:
    """Return the variables that an engine needs, and the filters.

    A filter over a number that is also counted, and so has become categories,
    is applied here.
    """
    data = study.coded[survey]
    sent = dict(with_countable(data, requests))
    masks: dict[str, Expression | NDArray[np.bool_]] = {}
    for text in dict.fromkeys(r.mask for r in requests if r.mask):
        rule = expression(study, survey, text)
        used = {item for name in names(rule) for item in data.grids.get(name, (name,))}
        if any(sent.get(name, data.variables[name]) is not data.variables[name] for name in used):
            masks[text] = respondents(study, survey, text)
            continue
        masks[text] = rule
        sent |= {name: data.variables[name] for name in used}
    return replace(data, variables=sent), masks


def _counted(requests: Sequence[CountRequest]) -> list[str]:
    return list(dict.fromkeys(name for r in requests for name in (r.rows, r.columns) if name))


def labels_for(spec: TableSpec, codebook: Codebook, texts: Texts) -> Labels:
    """Return the words of one table from its codebook and the texts catalogue."""
    index = question_index(codebook)
    question = index[spec.question]
    language = texts.language
    items = {item.id: local(item.text, language) for item in question.items}
    wording = items.get(spec.question, local(question.text, language))
    title = wording if spec.question in items else local(question.title, language, wording)
    columns = {}
    for by in spec.by:
        source = index[by]
        columns[by] = local(source.short, language, local(source.text, language))
    nets = {label: tuple(codes) for label, codes in question.nets.items()}
    kinds = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID, RowKind.TOTAL)
    rows = {kind: texts.get(f"table.{kind.value}") for kind in kinds}
    return Labels(
        title, items, columns, nets, rows, texts.get("table.has_answered"), texts.numbers.decimal
    )


def _with_ids(tables: Sequence[Table]) -> list[Table]:
    """Name the tables: readable, stable from run to run, unique within it."""
    taken: dict[str, int] = {}
    named = []
    for table in tables:
        spec = table.spec
        base = f"{spec.survey}.{spec.question}"
        base += "".join(f"*{by}" for by in spec.by)
        base += f"|{slug(spec.where)}" if spec.where else ""
        base += f"@{spec.key}" if spec.key else ""
        taken[base] = taken.get(base, 0) + 1
        name = base if taken[base] == 1 else f"{base}-{taken[base]}"
        named.append(replace(table, id=name))
    return named
