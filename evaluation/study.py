"""The Python side: a study, its surveys, their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.problems import Problem
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedTable


class StudyProblemsError(ValueError):
    """A study with problems that stop; ``problems`` holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        from evaluation.problems import Severity

        stopping = [p for p in problems if p.severity is Severity.STOP]
        first = "; ".join(f"{p.code} ({p.file} {p.row or ''} {p.value})" for p in stopping[:5])
        super().__init__(f"{len(stopping)} problem(s) stop this study: {first}")
        self.problems = tuple(problems)


class Study:
    """A study folder, read and coded.

    Examples
    --------
    >>> study = evaluation.load_study("surveys/samordningsforbund-2022")  # doctest: +SKIP
    >>> study["personal"].table("befattning", by="arbetsgivare")          # doctest: +SKIP
    """

    def __init__(self, loaded: LoadedStudy) -> None:
        self.loaded = loaded

    def __getitem__(self, survey: str) -> SurveyView:
        if survey not in self.loaded.coded:
            raise KeyError(survey)
        return SurveyView(self, survey)

    def __iter__(self) -> Iterator[str]:
        return iter(self.loaded.coded)

    def __repr__(self) -> str:
        surveys = ", ".join(f"{name}: {data.n}" for name, data in self.loaded.coded.items())
        return f"Study({self.loaded.folder.name!r}, {surveys})"

    def table(self, question: str, *, raw: bool = False, **request: Any) -> TableView:
        """Return one protected table; ``question`` is ``survey.question``.

        Parameters
        ----------
        question
            Question or grid item.
        raw
            Unprotected; not for publication.
        request
            ``by``, ``where``, ``weight``, ``percents``, ``rounding``,
            ``decimals``, ``ci``, ``tests``, ``compare``: see `make_spec`.

        Raises
        ------
        RequestError
            If a name or option is unknown.
        ExpressionError
            If ``where`` cannot be read.
        """
        from evaluation.pipeline.build import one_table
        from evaluation.tables.request import make_spec

        folder = self.loaded.folder
        spec = make_spec(question, study=folder.study, codebooks=folder.codebooks, **request)
        return TableView(self, one_table(self.loaded, spec, unprotected=raw))

    def analysis(self, kind: str, *names: str, raw: bool = False, **settings: Any) -> AnalysisView:
        """Return one protected analysis.

        Parameters
        ----------
        kind
            ``change``, ``mean_change``, ``series``, ``transitions``, ``ever``,
            ``occasions``, ``asked``, ``scales``, ``index``, ``response``,
            ``rates``, ``population``, ``break_off`` or ``model``.
        names
            ``survey.question``; the survey alone for analyses of no question.
        raw
            Unprotected; not for publication.
        settings
            ``by``, ``where`` and what the chapter function of the analysis
            takes: ``option``, ``waves``, ``since``, ``asked`` …

        Raises
        ------
        RequestError
            If a name or a setting is unknown.
        AnalysisError
            If the analysis cannot be made as asked.
        """
        from evaluation.pipeline.analyses import make_analysis
        from evaluation.tables.analyses.request import analysis_from_names

        codebooks = self.loaded.folder.codebooks
        spec = analysis_from_names(kind, names, codebooks, **settings)
        return AnalysisView(self, make_analysis(self.loaded, spec, unprotected=raw))

    def report(self, folder: Path, formats: Sequence[str] = ()) -> list[Path]:
        """Write the report into a folder and return its files.

        Raises
        ------
        StudyProblemsError
            If a chapter has a problem that stops; nothing is written then.
        """
        from evaluation.pipeline.formats import DEFAULT_FORMATS
        from evaluation.pipeline.report import write_report

        result = write_report(self.loaded, folder, formats=formats or DEFAULT_FORMATS)
        if result.value is None:
            raise StudyProblemsError(result.problems)
        return result.value


class SurveyView:
    """One survey of a study."""

    def __init__(self, study: Study, survey: str) -> None:
        self.study = study
        self.survey = survey

    def table(self, question: str, **request: Any) -> TableView:
        """Return one protected table of this survey; see `Study.table`."""
        return self.study.table(f"{self.survey}.{question}", **request)

    def analysis(self, kind: str, *names: str, **settings: Any) -> AnalysisView:
        """Return one protected analysis of this survey; see `Study.analysis`."""
        full = [f"{self.survey}.{name}" for name in names] or [self.survey]
        return self.study.analysis(kind, *full, **settings)

    @property
    def questions(self) -> tuple[str, ...]:
        """Identifiers of the survey's questions, in order."""
        return tuple(q.id for q in self.study.loaded.folder.codebooks[self.survey].questions)

    def __repr__(self) -> str:
        return f"Survey({self.survey!r}, {self.study.loaded.coded[self.survey].n} respondents)"


class TableView:
    """A protected table that shows itself in a terminal, a notebook and as a data frame."""

    def __init__(self, study: Study, protected: ProtectedTable) -> None:
        self.study = study
        self.protected = protected

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell with the columns of ``tables.csv``."""
        import pandas as pd

        from evaluation.rendering.tidy import COLUMNS, tidy_rows

        rows = tidy_rows(self.protected, self.study.loaded.folder.texts)
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def tests_frame(self) -> pd.DataFrame:
        """Return one row per test: method, statistic, df, p, base_n, warnings and effect."""
        import pandas as pd

        from evaluation.rendering.jsonstat import test_mapping

        return pd.DataFrame([test_mapping(test) for test in self.protected.tests])

    def __repr__(self) -> str:
        from evaluation.pipeline.single import written

        return written(self.protected, self.study.loaded.folder, "text")

    def _repr_html_(self) -> str:
        from evaluation.pipeline.single import written

        return written(self.protected, self.study.loaded.folder, "html")


class AnalysisView:
    """A protected analysis that shows itself in a terminal, a notebook and as a data frame."""

    def __init__(self, study: Study, protected: ProtectedAnalysis) -> None:
        self.study = study
        self.protected = protected

    def to_frame(self) -> pd.DataFrame:
        """Return one row per figure: analysis, title, row, column, value, unit, status."""
        import pandas as pd

        from evaluation.rendering.analysis import COLUMNS, analysis_rows

        return pd.DataFrame(analysis_rows(self.protected), columns=list(COLUMNS))

    def tests_frame(self) -> pd.DataFrame:
        """Return one row per test that was made."""
        import pandas as pd

        from evaluation.rendering.analysis import TEST_COLUMNS

        rows = [test.as_dict() for test in self.protected.tests]
        return pd.DataFrame(rows, columns=list(TEST_COLUMNS))

    def __repr__(self) -> str:
        return self._written("text")

    def _repr_html_(self) -> str:
        return self._written("html")

    def _written(self, form: str) -> str:
        from evaluation.pipeline.single import written_analysis

        return written_analysis(self.protected, self.study.loaded.folder.texts, form)


def load_study(path: str | Path) -> Study:
    """Read a study folder and code its answers.

    Raises
    ------
    StudyProblemsError
        If a problem stops; all problems are in its ``problems``.
    """
    from pathlib import Path as FilePath

    from evaluation.pipeline.load import load_study as load

    loaded, problems = load(FilePath(path))
    if loaded is None or not loaded.is_sound:
        raise StudyProblemsError(problems)
    return Study(loaded)
