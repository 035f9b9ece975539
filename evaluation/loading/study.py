"""A study folder: ``study.yaml``, codebooks, chapters and what else it names.

Reads everything except the answers; returns the whole folder with every
problem of every file, in the order study.yaml, codebooks, tables, chapters.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evaluation.codebook.apparatus import Citation, Glossary, Sources
from evaluation.codebook.hierarchy import Hierarchy, check_hierarchy, named_rows, with_levels
from evaluation.codebook.parse import parse_codebook, parse_study
from evaluation.codebook.schema import Quote, Quotes
from evaluation.codebook.study_checks import check_study
from evaluation.codebook.validate import validate
from evaluation.codebook.waves import faults
from evaluation.codebook.yaml_positions import locate, plain, read_yaml
from evaluation.loading.areas import known_areas
from evaluation.loading.plain_table import read_plain_table
from evaluation.loading.similar_units import with_similar
from evaluation.loading.texts import (
    DEFAULT_LANGUAGE,
    dotted,
    languages,
    load_texts,
    unknown_keys,
)
from evaluation.problems import Checked, Problem, Severity, nearest
from evaluation.report.data_tables import derive_all
from evaluation.report.facts import Apparatus, ChapterText, DataTableContent
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import BaseModel

    from evaluation.codebook.apparatus import Source, Term
    from evaluation.codebook.parse import ReadStudy
    from evaluation.codebook.schema import Codebook, Study, Survey
    from evaluation.texts import Texts

M = TypeVar("M", bound="BaseModel")
E = TypeVar("E", "Source", "Term")

STUDY_FILE = "study.yaml"
PUBLISHED_FILE = "published.yaml"
CHAPTERS = "chapters"
MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """Everything of a study but its answers.

    Attributes
    ----------
    path
        The folder.
    name
        Its name, which names the output folder too.
    study
        Checked against the codebooks; filters that do not hold are gone.
    codebooks
        Survey -> codebook, where one could be read.
    texts
        Catalogue of the language, with the study's own texts over it.
    chapters
        In report order.
    quotes
        Reviewed quotes by identifier.
    data_tables
        Tables that are no survey answers.
    published
        Content of ``published.yaml``, None where there is none.
    hierarchy
        Rows of the hierarchy of units, head -> cell; None where there is none.
    apparatus
        Works cited and words defined.
    """

    path: Path
    name: str
    study: Study
    codebooks: Mapping[str, Codebook]
    texts: Texts
    chapters: tuple[ChapterText, ...] = ()
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    data_tables: Mapping[str, DataTableContent] = field(default_factory=dict)
    published: Any | None = None
    hierarchy: tuple[Mapping[str, str], ...] | None = None
    apparatus: Apparatus = field(default_factory=Apparatus)


def load_study_folder(path: Path) -> Checked[StudyFolder | None]:
    """Read a study folder.

    Parameters
    ----------
    path
        The folder, or its ``study.yaml``.

    Returns
    -------
    Checked
        None only where ``study.yaml`` cannot be read at all; problems of all
        files together. ``file`` is relative to the folder, ``row`` the line.
    """
    folder = path.parent if path.name == STUDY_FILE else path
    reader = _Reader(folder)
    text = reader.text(STUDY_FILE)
    read = parse_study(text) if text is not None else None
    reader.problems += read.problems if read else ()
    if read is None or read.value is None:
        return Checked(None, tuple(reader.problems))
    return Checked(_read_parts(reader, read.value), tuple(reader.problems))


def _read_parts(reader: _Reader, read: ReadStudy) -> StudyFolder:
    reader.read = read
    texts = reader.texts(read.study)
    codebooks, found = reader.codebooks(read.study)
    faulty = {p.file for p in found if p.severity is Severity.STOP}
    surveys = read.study.surveys.items()
    whole = not faulty and len(codebooks) == len(surveys)
    hierarchy, unfit = reader.hierarchy(read.study, codebooks, is_complete=whole)
    if hierarchy and not unfit:
        codebooks = with_levels(codebooks, hierarchy, read.study.language)
    study, codebooks, unlike = with_similar(read.study, codebooks, reader.content, texts)
    read = replace(read, study=study)
    incomplete = frozenset(s for s, survey in surveys if _codebook_file(s, survey) in faulty)
    checked = check_study(read, codebooks, incomplete=incomplete)
    reader.problems += checked.problems
    reader.problems.sort(key=lambda p: p.row)
    reader.problems += [*found, *unfit, *unlike]
    reader.problems += reader.earlier(read.study, codebooks)
    study = checked.value
    return StudyFolder(
        path=reader.folder,
        name=reader.folder.resolve().name,
        study=study,
        codebooks=codebooks,
        texts=texts,
        data_tables=dict(reader.data_tables(study)),
        hierarchy=named_rows(hierarchy) if hierarchy else None,
        quotes=reader.quotes(study),
        apparatus=reader.apparatus(study),
        published=reader.published(),
        chapters=tuple(reader.chapters(study)),
    )


class _Reader:
    """Reads files of one folder and collects problems."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.read: ReadStudy | None = None

    # --- files --------------------------------------------------------------------

    def stop(self, code: str, value: str, expected: str = "", *, at: tuple[str, ...] = ()) -> None:
        """Add a problem at a key of ``study.yaml``."""
        row = locate(self.read.root, at)[0] if self.read and at else 0
        self.problems.append(
            Problem(
                code,
                Severity.STOP,
                file=STUDY_FILE,
                row=row,
                column=".".join(at),
                value=value,
                expected=expected,
            )
        )

    def content(self, name: str, at: tuple[str, ...] = ()) -> bytes | None:
        """Return a file's content; None, with a problem, where it cannot be had."""
        file = self.folder / name
        if not file.resolve().is_relative_to(self.folder.resolve()):
            self.stop("path-outside-study", name, at=at)
        elif not file.is_file():
            self.stop("missing-study-file", name, self._near(file), at=at)
        elif file.stat().st_size > MAX_BYTES:
            self.stop("study-file-too-large", name, at=at)
        else:
            return file.read_bytes()
        return None

    def _near(self, file: Path) -> str:
        """Return the name of a file beside a missing one that looks like it."""
        if not file.parent.is_dir():
            return ""
        near = nearest(file.name, sorted(f.name for f in file.parent.iterdir() if f.is_file()))
        inside = file.parent.resolve().is_relative_to(self.folder.resolve())
        return (file.parent / near).relative_to(self.folder).as_posix() if near and inside else ""

    def text(self, name: str, at: tuple[str, ...] = ()) -> str | None:
        """Return a UTF-8 text; a byte-order mark is taken away."""
        data = self.content(name, at)
        if data is None:
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            problem = Problem("study-file-not-utf8", Severity.STOP, file=name, row=row)
            self.problems.append(problem)
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n")

    # --- parts --------------------------------------------------------------------

    def texts(self, study: Study) -> Texts:
        known = languages()
        if study.language not in known:
            self.stop("unknown-language", study.language, ", ".join(known), at=("language",))
            return load_texts(DEFAULT_LANGUAGE)
        texts = load_texts(study.language)
        for key in unknown_keys(study.texts, texts):
            self._unknown_text(key, texts)
        return load_texts(study.language, study.texts) if study.texts else texts

    def _unknown_text(self, key: str, texts: Texts) -> None:
        self.stop("unknown-text-key", key, nearest(key, dotted(texts.entries)), at=("texts",))

    def codebooks(self, study: Study) -> tuple[dict[str, Codebook], list[Problem]]:
        """Return codebooks, and their problems apart from those of ``study.yaml``."""
        codebooks: dict[str, Codebook] = {}
        found: list[Problem] = []
        for survey_id, survey in study.surveys.items():
            name = _codebook_file(survey_id, survey)
            at = ("surveys", survey_id, *(("codebook",) if survey.codebook else ()))
            text = self.text(name, at)
            if text is None:
                continue
            checked = parse_codebook(text, name, languages=(study.language,))
            found += checked.problems
            if checked.value is not None:
                codebooks[survey_id] = checked.value
        return codebooks, found

    def earlier(self, study: Study, codebooks: Mapping[str, Codebook]) -> Iterator[Problem]:
        """Yield what codebooks say of earlier surveys and these do not have."""
        for survey, question, code, value, expected in faults(codebooks):
            name = _codebook_file(survey, study.surveys[survey])
            text = self.text(name) or ""
            lines = text.split("\n")
            row = next((i for i, line in enumerate(lines, 1) if f"id: {question}" in line), 0)
            column = f"questions.{question}.earlier"
            yield Problem(
                code,
                Severity.STOP,
                file=name,
                row=row,
                column=column,
                value=value,
                expected=expected,
            )

    def data_tables(self, study: Study) -> Iterator[tuple[str, DataTableContent]]:
        """Yield tables from files, and those made from them, in the study's order."""
        read: dict[str, DataTableContent] = {}
        for name, said in study.data_tables.items():
            content = self._data_table(name, said.file) if said.file is not None else None
            if content is not None:
                read[name] = replace(content, source=local(said.source, study.language))
        made, findings = derive_all(study.data_tables, read, study.language)
        for f in findings:
            at = ("data_tables", f.table, *((f.key,) if f.key else ()))
            self.stop(f.code, f.value, f.expected, at=at)
        for name, content in made.items():
            said = study.data_tables[name]
            yield (
                name,
                replace(
                    content,
                    title=local(said.title, study.language, name),
                    note=local(said.note, study.language),
                    source=local(said.source, study.language) or content.source,
                ),
            )

    def _data_table(self, name: str, file: str) -> DataTableContent | None:
        data = self.content(file, ("data_tables", name, "file"))
        checked = read_plain_table(data, file) if data is not None else None
        self.problems += checked.problems if checked else ()
        return checked.value if checked else None

    def hierarchy(
        self, study: Study, codebooks: Mapping[str, Codebook], *, is_complete: bool
    ) -> tuple[Hierarchy | None, tuple[Problem, ...]]:
        """Return the hierarchy of units, and its problems apart from those of ``study.yaml``."""
        name = study.hierarchy
        data = self.content(name, ("hierarchy",)) if name is not None else None
        if name is None or data is None:
            return None, ()
        checked = read_plain_table(data, name)
        if checked.value is None:
            return None, checked.problems
        table = checked.value
        hierarchy = Hierarchy(name, table.header, table.rows, table.lines, known_areas())
        return hierarchy, check_hierarchy(
            codebooks, hierarchy, study.language, is_complete=is_complete
        )

    def quotes(self, study: Study) -> dict[str, Quote]:
        read = self._list(study.report.quotes, "quotes", Quotes, "quotes")
        return {q.id: q for q in read.quotes} if read else {}

    def apparatus(self, study: Study) -> Apparatus:
        """Return works cited and words defined; a key may stand once."""
        name, glossary = study.report.references, study.report.glossary
        sources = self._list(name, "references", Sources, "references")
        terms = self._list(glossary, "glossary", Glossary, "terms")
        held = Apparatus(
            sources=self._by_key(sources.references if sources else (), name),
            numbered=sources is not None and sources.style is Citation.NUMBERED,
            terms=self._by_key(terms.terms if terms else (), glossary),
            sources_file=name or "",
            terms_file=glossary or "",
        )
        for term in held.terms.values():
            self._unknown_keys(term.see, held.terms, "unknown-term", glossary)
            named = (term.source,) if term.source else ()
            self._unknown_keys(named, held.sources, "unknown-source", glossary)
        return held

    def _list(self, name: str | None, key: str, model: type[M], entries: str) -> M | None:
        """Read a file that ``report`` names, a model with one list."""
        text = self.text(name, ("report", key)) if name else None
        if text is None or name is None:
            return None
        read = read_yaml(text, name)
        self.problems += read.problems
        if read.value is None:
            return None
        validated = validate(read.value, model, name, (entries,))
        self.problems += validated.problems
        return validated.model

    def _by_key(self, entries: Iterable[E], file: str | None) -> dict[str, E]:
        held: dict[str, E] = {}
        for entry in entries:
            if entry.id in held:
                problem = Problem("repeated-key", Severity.STOP, file=file or "", value=entry.id)
                self.problems.append(problem)
            held.setdefault(entry.id, entry)
        return held

    def _unknown_keys(
        self, keys: Iterable[str], known: Mapping[str, object], code: str, file: str | None
    ) -> None:
        self.problems += [
            Problem(code, Severity.STOP, file=file or "", value=key, expected=nearest(key, known))
            for key in keys
            if key not in known
        ]

    def published(self) -> Any | None:
        if not (self.folder / PUBLISHED_FILE).is_file():
            return None
        text = self.text(PUBLISHED_FILE)
        read = read_yaml(text, PUBLISHED_FILE) if text is not None else None
        self.problems += read.problems if read else ()
        return plain(read.value) if read and read.value else None

    def chapters(self, study: Study) -> Iterator[ChapterText]:
        names = list(study.report.chapters)
        if not names and (self.folder / CHAPTERS).is_dir():
            names = sorted(f.name for f in (self.folder / CHAPTERS).glob("*.md"))
        for name in names:
            inside = f"{CHAPTERS}/{name}"
            path = inside if (self.folder / inside).is_file() or "/" not in name else name
            text = self.text(path, ("report", "chapters"))
            if text is not None:
                yield ChapterText(Path(name).name, path, text)


def _codebook_file(survey_id: str, survey: Survey) -> str:
    return survey.codebook or f"{survey_id}.yaml"
