"""Draft a study folder from exports: study.yaml, codebooks, data, a chapter with every table."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evaluation.codebook.compare import adopt, compare_codebooks, match_questions
from evaluation.codebook.draft import Draft, draft_codebook
from evaluation.codebook.drafting.remarks import remark
from evaluation.codebook.drafting.slugs import safe, unique
from evaluation.codebook.schema import ReadOptions
from evaluation.codebook.spelling import trim
from evaluation.loading.draft_yaml import (
    chapter_markdown,
    codebook_yaml,
    method_markdown,
    study_yaml,
)
from evaluation.loading.read import read_export
from evaluation.loading.sidecars.find import read_any_form
from evaluation.loading.study import load_study_folder
from evaluation.loading.texts import languages, load_texts
from evaluation.loading.vocabulary import load_words
from evaluation.problems import Problem, Severity, stops

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evaluation.codebook.compare import Change
    from evaluation.codebook.schema import Codebook
    from evaluation.loading.sidecars import Form
    from evaluation.model import RawResponses

MAX_SURVEY_ID = 32
DEFAULT_LANGUAGE = "sv"
DEFAULT_OPTIONS = ReadOptions()


@dataclass(frozen=True, slots=True)
class _Survey:
    """One export on its way to a survey of the study."""

    id: str
    path: Path
    sidecars: tuple[Path, ...]
    responses: RawResponses
    draft: Draft
    read: ReadOptions
    changes: tuple[Change, ...] = ()


def init_study(
    exports: Sequence[Path],
    folder: Path,
    against: Path | None = None,
    *,
    options: ReadOptions = DEFAULT_OPTIONS,
    language: str | None = None,
) -> tuple[Problem, ...]:
    """Draft a study folder from exports.

    Parameters
    ----------
    exports
        Exports, one survey each. A questionnaire among them (``.lss``,
        ``.qsf``, a data dictionary, an XLSForm) is copied beside the data.
    folder
        The study folder to make; one that holds anything is not touched.
    against
        Study folder of an earlier year: its identifiers, codes and
        definitions are kept, and differences are noted.
    options
        How the exports are read, where detection needs help.
    language
        Language of the report; default: that of the surveys where there are
        texts in it, else Swedish.

    Returns
    -------
    All problems met. Nothing is written where any is of severity ``stop``;
    what is written appears whole: made in a temporary folder, then renamed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return (Problem("study-exists", Severity.STOP, file=folder.name, value=folder.name),)
    forms = {path: form for path in exports if path.is_file() and (form := read_any_form(path))}
    answers = [path for path in exports if path not in forms]
    problems = list(_nothing_to_read(answers, forms))
    earlier = _earlier(against, problems)
    surveys: list[_Survey] = []
    for path in answers:
        drafted = _draft_surveys(path, tuple(forms), surveys, options, problems)
        surveys += [_compared(made, earlier, problems) for made in drafted]
    if stops(problems) or not surveys:
        return tuple(problems)
    _write(folder, surveys, language or _language(surveys))
    return tuple(problems)


def _nothing_to_read(answers: Sequence[Path], forms: Mapping[Path, Form]) -> list[Problem]:
    """Say so where only questionnaires were given."""
    if answers:
        return []
    return [
        Problem("form-not-answers", Severity.STOP, path.name, value=form.kind)
        for path, form in forms.items()
    ]


def _draft_surveys(
    path: Path,
    forms: Sequence[Path],
    before: Sequence[_Survey],
    options: ReadOptions,
    problems: list[Problem],
) -> list[_Survey]:
    """Draft the survey of an export, and one for each of its sheets of repeats.

    In those a row is a repeat (a member of a household), not a respondent.
    """
    found: list[Problem] = []
    main = _draft_survey(path, forms, before, options, found)
    problems += found
    if main is None:
        return []
    made = [main]
    for repeat in (problem for problem in found if problem.code == "repeat-sheet"):
        read = main.read.model_copy(update={"sheet": repeat.sheet})
        more = _draft_survey(path, forms, [*before, *made], read, problems)
        if more is not None:
            note = remark("repeat-sheet", sheet=repeat.sheet, parent=repeat.expected)
            remarks = {**more.draft.remarks, "": (note, *more.draft.remarks.get("", ()))}
            made.append(replace(more, draft=replace(more.draft, remarks=remarks)))
    return made


def _draft_survey(
    path: Path,
    forms: Sequence[Path],
    before: Sequence[_Survey],
    options: ReadOptions,
    problems: list[Problem],
) -> _Survey | None:
    """Read one export and draft its codebook."""
    with tempfile.TemporaryDirectory() as temporary:
        source, sidecars = _beside_forms(path, forms, temporary)
        read = read_export(source, options, display=path.name)
    problems += read.problems
    used = [p.value for p in read.problems if p.code == "form-used"]
    if read.value is None:
        return None
    beside = [p for p in (*sidecars, *sorted(path.parent.glob("*"))) if p.name in used]
    title = title_of(path)
    is_further = any(survey.path == path for survey in before)
    if is_further:
        title = f"{title}, {read.value.source.sheet}"
    draft = draft_codebook(read.value, load_words(), title=title)
    called = read.value.source.sheet if is_further else title
    name = unique(safe(called)[:MAX_SURVEY_ID].rstrip("_"), {s.id for s in before})
    kept = options.model_copy(update={"tool": read.value.source.tool})
    if is_further or (read.value.source.sheet and _has_more_sheets(read.problems)):
        kept = kept.model_copy(update={"sheet": read.value.source.sheet})
    return _Survey(name, path, tuple(dict.fromkeys(beside)), read.value, draft, kept)


def _beside_forms(
    path: Path, forms: Sequence[Path], temporary: str
) -> tuple[Path, tuple[Path, ...]]:
    """Return the export in a folder where the questionnaires given lie beside it."""
    elsewhere = [form for form in forms if form.parent != path.parent]
    if not elsewhere:
        return path, ()
    from pathlib import Path as MakePath

    folder = MakePath(temporary)
    for file in (path, *forms):
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
    return folder / path.name, tuple(forms)


def _has_more_sheets(problems: Sequence[Problem]) -> bool:
    return any(problem.code in {"other-sheets", "repeat-sheet"} for problem in problems)


def title_of(path: Path) -> str:
    """Return a title out of a file name: underscores as blanks, ``(1-25)`` left out."""
    stem = re.sub(r"\s*\(\d+(?:-\d+)?\)\s*$", "", path.stem)
    words = trim(stem.replace("_", " "))
    return words[:1].upper() + words[1:] if words else path.name


# --- against an earlier year ---------------------------------------------------


def _earlier(against: Path | None, problems: list[Problem]) -> dict[str, Codebook]:
    """Read the codebooks of an earlier study."""
    if against is None:
        return {}
    checked = load_study_folder(against)
    if checked.value is None or not checked.value.codebooks:
        problems += checked.problems
        if not stops(problems):
            problems.append(Problem("no-earlier-study", Severity.STOP, value=against.name))
        return {}
    return dict(checked.value.codebooks)


def _compared(survey: _Survey, earlier: Mapping[str, Codebook], problems: list[Problem]) -> _Survey:
    """Compare with the earlier survey that has most questions in common, and keep its names."""
    if not earlier:
        return survey
    new = survey.draft.codebook
    shared = {name: len(match_questions(old, new)) for name, old in earlier.items()}
    best = max(shared, key=lambda name: shared[name])
    old = earlier[best]
    changes = compare_codebooks(old, new)
    for change in changes:
        code = f"against-{change.kind.value.replace('_', '-')}"
        problems.append(
            Problem(
                code,
                Severity.NOTE,
                survey.path.name,
                column=change.question,
                value=change.old or change.new,
                expected=change.new if change.old else "",
            )
        )
    names = match_questions(old, new)
    remarks = {names.get(key, key): value for key, value in survey.draft.remarks.items()}
    draft = replace(survey.draft, codebook=adopt(old, new), remarks=remarks)
    return replace(survey, id=best, draft=draft, changes=changes)


# --- writing -------------------------------------------------------------------


def _language(surveys: Sequence[_Survey]) -> str:
    """Return the language of the report: that of all surveys, where there are texts in it."""
    found = {survey.draft.language for survey in surveys}
    return found.pop() if len(found) == 1 and found <= set(languages()) else DEFAULT_LANGUAGE


def _write(folder: Path, surveys: Sequence[_Survey], language: str) -> None:
    """Write the study into a temporary folder beside its place, then rename it."""
    texts = load_texts(language)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)
    made = folder.parent / os.path.basename(temporary)  # noqa: PTH119
    try:
        for name in ("data", "chapters"):
            (made / name).mkdir()
        listed = {}
        for number, survey in enumerate(surveys, start=1):
            data = f"data/{survey.path.name}"
            shutil.copyfile(survey.path, made / data)
            for sidecar in survey.sidecars:
                shutil.copyfile(sidecar, made / "data" / sidecar.name)
            listed[survey.id] = (survey.draft, data, survey.read)
            codebook = codebook_yaml(
                survey.draft,
                texts,
                file=survey.path.name,
                tool=survey.responses.source.tool,
                changes=survey.changes,
            )
            _put(made / f"{survey.id}.yaml", codebook)
            chapter = chapter_markdown(survey.id, survey.draft, texts)
            _put(made / "chapters" / f"{number:02}-{survey.id}.md", chapter)
        method = method_markdown([survey.id for survey in surveys], texts)
        name = f"{len(surveys) + 1:02}-{texts.get('draft.method_file')}.md"
        _put(made / "chapters" / name, method)
        title = str(surveys[0].draft.codebook.title) if len(surveys) == 1 else title_of(folder)
        year = _year(surveys)
        _put(
            made / "study.yaml",
            study_yaml(listed, texts, title=title, year=year, language=language),
        )
        made.chmod(0o755)  # mkdtemp makes folders that nobody else may read
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


_YEAR = re.compile(r"(?<!\d)(20\d{2}|19\d{2})(?!\d)")


def _year(surveys: Sequence[_Survey]) -> int:
    """Return the year of the last submission, else of the build, else the current one."""
    years = [
        int(match)
        for survey in surveys
        for column in survey.responses.columns
        if column.hints.role in {"end", "start"}
        for value in column.values
        for match in _YEAR.findall(value)
    ]
    if years:
        return max(years)
    stamp = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdigit() else datetime.now(UTC)
    return now.year
