"""A report by hand with every kind of block and chart, shared by the tests of all renderers.

The figures are made up; the wording is that of a Swedish evaluation.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from evaluation.loading.texts import load_texts
from evaluation.report.model import (
    Block,
    BodyCell,
    BodyKind,
    BodyRow,
    Box,
    ChartBlock,
    ChartKind,
    ChartPoint,
    ChartSeries,
    Contents,
    CrossReference,
    Emphasis,
    EntryKind,
    EntryList,
    Footnote,
    HeadCell,
    Heading,
    Inline,
    LineBreak,
    Link,
    ListBlock,
    ListEntry,
    NoteReference,
    PageBreak,
    Paragraph,
    QuoteBlock,
    Report,
    ReportMeta,
    Strong,
    TableBlock,
    Text,
)

NBSP = "\u00a0"
WITHHELD = ".."


def swedish(value: Decimal | None, decimals: int = 1) -> str:
    """Write a value as the report does; None is withheld."""
    if value is None:
        return WITHHELD
    whole, _, fraction = f"{abs(value):.{decimals}f}".partition(".")
    groups = []
    while len(whole) > 3:
        whole, group = whole[:-3], whole[-3:]
        groups.insert(0, group)
    sign = "\u2212" if value < 0 else ""
    return sign + NBSP.join([whole, *groups]) + ("," + fraction if fraction else "")


def dec(value: float | str | None) -> Decimal | None:
    """Return a Decimal with the digits as written."""
    return None if value is None else Decimal(str(value))


def point(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    x: float | None = None,
    *,
    decimals: int = 1,
) -> ChartPoint:
    """Make a point with its printed text; None is withheld."""
    number = dec(value)
    text = swedish(number, decimals)
    if low is not None and high is not None and x is None:
        text = f"{text} ({swedish(dec(low), decimals)}–{swedish(dec(high), decimals)})"
    status = "primary" if number is None else "shown"
    return ChartPoint(number, text, dec(low), dec(high), dec(x), status)


def series(
    name: str, *values: float | None, role: str = "categorical", decimals: int = 1
) -> ChartSeries:
    """Make a series without intervals."""
    return ChartSeries(name, tuple(point(v, decimals=decimals) for v in values), role)


def data_table(
    caption: str, categories: tuple[str, ...], drawn: tuple[ChartSeries, ...], stub: str = "Fråga"
) -> TableBlock:
    """Make the table of a chart's figures."""
    return TableBlock(
        id="",
        caption=caption,
        stub=stub,
        head=(tuple(HeadCell(s.name or "Procent") for s in drawn),),
        rows=tuple(
            BodyRow(
                category,
                tuple(
                    BodyCell(s.points[i].text, s.points[i].value, 1, "percent", s.points[i].status)
                    for s in drawn
                ),
            )
            for i, category in enumerate(categories)
        ),
    )


def chart(
    kind: ChartKind,
    number: int,
    caption: str,
    categories: tuple[str, ...],
    drawn: tuple[ChartSeries, ...],
    *,
    unit: str = "percent",
    axis_title: str = "Procent",
    **more: object,
) -> ChartBlock:
    """Make a chart whose alternative text states its figures."""
    stated = "; ".join(
        f"{category}: " + ", ".join(f"{s.name} {s.points[i].text}".strip() for s in drawn)
        for i, category in enumerate(categories)
    )
    block = ChartBlock(
        id=f"figur-{number}",
        kind=kind,
        caption=caption,
        categories=categories,
        series=drawn,
        unit=unit,
        axis_title=axis_title,
        alt=f"Diagram. {stated}.",
        data_table=data_table(caption, categories, drawn),
        number=number,
        label=f"Figur {number}",
    )
    return replace(block, **more)  # type: ignore[arg-type]


LIKERT = (
    "I mycket hög grad",
    "I ganska hög grad",
    "Varken eller",
    "I ganska låg grad",
    "Inte alls",
)
ITEMS = (
    "Samverkan mellan myndigheterna har förbättrats genom samordningsförbundets insatser",
    "Jag vet vem jag ska vända mig till hos de andra parterna",
    (
        "Ledningen i min organisation prioriterar jämställdhetsintegrering i det finansiella"
        " samordningsarbetet"
    ),
    "Deltagarna får ett likvärdigt stöd oavsett kön",
)
LIKERT_ROWS = (
    (27.8, 41.1, 16.7, 10.0, 4.4),
    (35.6, 33.3, 12.2, 15.6, 3.3),
    (12.2, 27.8, 31.1, 20.0, 8.9),
    (45.6, 30.0, 14.4, 7.8, 2.2),
)


def _likert(missing: bool = False) -> tuple[ChartSeries, ...]:
    steps = tuple(
        series(name, *(row[i] for row in LIKERT_ROWS), role="scale")
        for i, name in enumerate(LIKERT)
    )
    if not missing:
        return steps
    return (*steps, series("Vet inte", 6.7, 3.3, 12.2, None, role="missing"))


def bars() -> ChartBlock:
    """One series, long labels, one value withheld."""
    return chart(
        ChartKind.BARS,
        1,
        "Vilka insatser har din organisation erbjudit deltagarna under det senaste året?",
        (
            "Arbetsförberedande insatser",
            "Stöd till arbetsmarknadsetablering och arbetslivsinriktad rehabilitering",
            "Kartläggning och bedömning av arbetsförmåga",
            "Kompetenshöjande insatser för personal",
            "Annat",
        ),
        (series("", 63.3, 47.8, 27.8, 8.9, None),),
        notes=("Bas: 90 svarande. Flera svar kunde anges.",),
    )


def grouped() -> ChartBlock:
    """Two series side by side."""
    return chart(
        ChartKind.GROUPED,
        2,
        "Tillgång till stöd i arbetet med jämställdhet, efter kön",
        ("Ja, i tillräcklig omfattning", "Ja, men i för liten omfattning", "Nej", "Vet inte"),
        (series("Kvinnor", 41.8, 30.4, 19.0, 8.9), series("Män", 45.5, 27.3, None, None)),
        notes=("Bas: 79 kvinnor och 11 män.",),
    )


def columns() -> ChartBlock:
    """Upright bars."""
    return chart(
        ChartKind.COLUMNS,
        3,
        "Deltagarnas ålder",
        ("18–24 år", "25–34 år", "35–44 år", "45–54 år", "55–65 år"),
        (series("", 11.1, 28.9, 26.7, 22.2, 11.1),),
    )


def stacked() -> ChartBlock:
    """A battery on a scale of five steps."""
    return chart(
        ChartKind.STACKED,
        4,
        "I vilken grad instämmer du i följande påståenden om samverkan?",
        ITEMS,
        _likert(),
        notes=("Bas: 88–90 svarande per fråga.",),
    )


def diverging() -> ChartBlock:
    """The battery around its middle, "do not know" apart."""
    return chart(
        ChartKind.DIVERGING,
        5,
        "I vilken grad instämmer du? Kring skalans mitt",
        ITEMS,
        _likert(missing=True),
        neutral=2,
    )


def dots() -> ChartBlock:
    """Points with intervals, two series."""
    women = ((62.0, 51.0, 72.0), (48.1, 37.4, 58.9), (55.7, 44.7, 66.1))
    men = ((54.5, 28.0, 78.7), (None, None, None), (63.6, 35.4, 84.8))
    return chart(
        ChartKind.DOTS,
        6,
        "Andel som instämmer i hög grad, med osäkerhet",
        ITEMS[:3],
        (
            ChartSeries("Kvinnor", tuple(point(*v) for v in women)),
            ChartSeries("Män", tuple(point(*v) for v in men)),
        ),
        interval_text="Strecken visar 95-procentiga konfidensintervall.",
    )


def forest() -> ChartBlock:
    """Odds ratios on a logarithmic axis with a line at 1."""
    rows = ((1.42, 0.91, 2.21), (0.63, 0.41, 0.97), (2.05, 1.12, 3.76), (1.00, 0.72, 1.39))
    return chart(
        ChartKind.FOREST,
        7,
        "Oddskvot för att ha fått stöd, justerad för ålder och förbund",
        ("Kvinna (jämfört med man)", "Utrikes född", "Högskoleutbildning", "Ålder, per tio år"),
        (ChartSeries("", tuple(point(*row, decimals=2) for row in rows)),),
        unit="ratio",
        axis_title="Oddskvot",
        reference=Decimal(1),
        reference_text="Ingen skillnad",
        decimals=2,
        interval_text="Strecken visar 95-procentiga konfidensintervall.",
    )


def slope() -> ChartBlock:
    """Change between two occasions, one series highlighted."""
    return chart(
        ChartKind.SLOPE,
        8,
        "Andel som upplever att de kan påverka sin situation, första och tredje tillfället",
        ("Första tillfället", "Tredje tillfället"),
        (
            series("Hälsa", 31.0, 44.0),
            series("Ekonomi", 29.0, 33.0),
            series("Arbete och sysselsättning", 22.0, 47.0, role="highlight"),
            series("Boende", 58.0, 61.0),
        ),
    )


def line() -> ChartBlock:
    """Three series over the years, one value withheld."""
    return chart(
        ChartKind.LINE,
        9,
        "Andel förbund som följer upp insatser könsuppdelat, efter storlek",
        ("2017", "2018", "2019", "2020", "2021", "2022"),
        (
            series("Stora förbund", 42.0, 47.5, 55.0, 61.3, 66.0, 71.2),
            series("Medelstora förbund", 35.0, 38.1, 45.7, None, 59.0, 64.8),
            series("Små förbund", 21.4, 24.0, 29.5, 30.1, 38.8, 41.0),
        ),
        x_title="Mätomgång",
    )


def funnel() -> ChartBlock:
    """Units by number of answers, with limits."""
    units = (
        ("Förbundet Norr", 54.0, 24),
        ("Samordningsförbundet Östra Skaraborg", 71.0, 120),
        ("Västra", 58.0, 60),
        ("Södra", 49.0, 85),
        ("Mitt", 61.0, 44),
        ("Kusten", 38.0, 96),
        ("Inlandet", 63.0, 16),
    )
    points = []
    for _, value, n in units:
        half = 196.0 * (0.58 * 0.42 / n) ** 0.5
        points.append(
            ChartPoint(
                dec(value),
                swedish(dec(value), 0),
                dec(round(58 - half, 1)),
                dec(round(58 + half, 1)),
                dec(n),
            )
        )
    return chart(
        ChartKind.FUNNEL,
        10,
        "Andel nöjda deltagare efter antal svar, per förbund",
        tuple(name for name, _, _ in units),
        (ChartSeries("Förbund", tuple(points)),),
        reference=Decimal(58),
        reference_text="Riket 58",
        x_title="Antal svar",
        decimals=0,
        interval_text="Streckade linjer: inom dem kan en skillnad mot riket bero på slumpen.",
    )


COUNTIES = (
    "Stockholms län", "Uppsala län", "Södermanlands län", "Östergötlands län",
    "Jönköpings län", "Kronobergs län", "Kalmar län", "Gotlands län", "Blekinge län",
    "Skåne län", "Hallands län", "Västra Götalands län", "Värmlands län", "Örebro län",
    "Västmanlands län", "Dalarnas län", "Gävleborgs län", "Västernorrlands län",
    "Jämtlands län", "Västerbottens län", "Norrbottens län",
)  # fmt: skip


def tiles() -> ChartBlock:
    """All counties, one withheld."""
    values: list[float | None] = [
        58.2, 61.0, 55.4, 49.8, 63.1, 66.7, 52.0, None, 47.3, 54.4, 59.9,
        57.5, 62.4, 44.1, 50.6, 68.2, 53.3, 60.0, 70.5, 64.9, 41.7,
    ]  # fmt: skip
    return chart(
        ChartKind.TILES,
        11,
        "Andel som fått stöd av sin länsstyrelse, per län",
        COUNTIES,
        (series("", *values),),
    )


def all_charts() -> tuple[ChartBlock, ...]:
    """Return one chart of every kind, in the order of their numbers."""
    return (
        bars(), grouped(), columns(), stacked(), diverging(), dots(), forest(), slope(), line(),
        funnel(), tiles(),
    )  # fmt: skip


# --- tables ---------------------------------------------------------------------


def percent_cell(n: int | None, share: str | None) -> tuple[BodyCell, BodyCell]:
    """Make the cells n and percent; None is withheld."""
    if n is None or share is None:
        return (
            BodyCell(WITHHELD, None, 0, "count", "primary"),
            BodyCell(WITHHELD, None, 1, "percent", "primary"),
        )
    return (
        BodyCell(swedish(Decimal(n), 0), Decimal(n), 0, "count"),
        BodyCell(share.replace(".", ","), Decimal(share), 1, "percent"),
    )


def frequency_table() -> TableBlock:
    """A question with one answer: n and percent, total and missing."""
    options = (
        ("Ja, i mycket hög grad", 25, "27.8"),
        ("Ja, i ganska hög grad", 37, "41.1"),
        ("Nej, i ganska låg grad", 18, "20.0"),
        ("Nej, inte alls", 10, "11.1"),
    )
    return TableBlock(
        id="tabell-1",
        number=1,
        label="Tabell 1",
        caption="Har samordningsförbundet arbetat med jämställdhetsintegrering under det senaste"
        " verksamhetsåret?",
        stub="Svarsalternativ",
        head=((HeadCell("n"), HeadCell("Procent")),),
        rows=(
            *(BodyRow(label, percent_cell(n, share)) for label, n, share in options),
            BodyRow("Totalt", percent_cell(90, "100.0"), BodyKind.TOTAL),
            BodyRow(
                "Internt bortfall",
                (BodyCell("4", Decimal(4)), BodyCell("", None, 0, "text")),
                BodyKind.MISSING,
            ),
        ),
        notes=("Bas: de 90 som besvarat frågan.",),
        source_table="t1",
        caption_note=2,
    )


def cross_table() -> TableBlock:
    """A crosstab with two rows of heads, groups, a net row, withheld cells and a test."""

    def row(
        label: str, *pairs: tuple[int | None, str | None], kind: BodyKind = BodyKind.NORMAL
    ) -> BodyRow:
        return BodyRow(label, tuple(c for pair in pairs for c in percent_cell(*pair)), kind)

    heads = ("Kvinnor", "Män", "Annan könstillhörighet eller vill inte uppge", "Totalt")
    return TableBlock(
        id="tabell-2",
        number=2,
        label="Tabell 2",
        caption="Bedömd tillgång till stöd, efter kön",
        stub="Svarsalternativ",
        head=(
            tuple(HeadCell(head, span=2) for head in heads),
            tuple(HeadCell(text) for _ in heads for text in ("n", "Procent")),
        ),
        rows=(
            BodyRow("Stöd från den egna organisationen", (), BodyKind.GROUP),
            row("I hög grad", (33, "41.8"), (5, "45.5"), (None, None), (40, "43.0")),
            row("I viss grad", (31, "39.2"), (4, "36.4"), (None, None), (36, "38.7")),
            row("Summa i någon grad", (64, "81.0"), (9, "81.8"), (None, None), (76, "81.7"),
                kind=BodyKind.NET),
            BodyRow("Stöd från samverkansparterna", (), BodyKind.GROUP, note=3),
            row("I hög grad", (21, "26.6"), (3, "27.3"), (None, None), (25, "26.9")),
            row("I viss grad", (40, "50.6"), (6, "54.5"), (None, None), (48, "51.6")),
            row("Totalt", (79, "100.0"), (11, "100.0"), (3, "100.0"), (93, "100.0"),
                kind=BodyKind.TOTAL),
        ),
        notes=(
            "Bas: de 93 som besvarat frågan.",
            "Symbolen .. betyder att uppgiften inte visas, eftersom den bygger på för få svar.",
        ),
        tests=(("Skillnaden mellan kvinnor och män är inte statistiskt säkerställd"
               " (Fishers exakta test, p = 0,81)."),),
        source_table="t2",
    )  # fmt: skip


def text_table() -> TableBlock:
    """A table of words and amounts."""
    rows = (
        ("Förstudie om förutsättningarna för könsuppdelad uppföljning", "2020", "350000"),
        ("Utbildningsinsatser för styrelser och beredningsgrupper", "2020–2021", "1215500"),
        ("Metodstöd", "2022", "98250"),
    )
    return TableBlock(
        id="tabell-3",
        number=3,
        label="Tabell 3",
        caption="Budget för utvecklingsarbetet, kronor",
        stub="Insats",
        head=((HeadCell("Period", is_number=False), HeadCell("Kronor")),),
        rows=tuple(
            BodyRow(
                label,
                (
                    BodyCell(period, None, 0, "text"),
                    BodyCell(swedish(Decimal(sum_), 0), Decimal(sum_), 0, "number"),
                ),
            )
            for label, period, sum_ in rows
        ),
        notes=("Källa: förbundens årsredovisningar.",),
    )


# --- text -----------------------------------------------------------------------


def paragraph(*parts: str | Inline, lead: bool = False) -> Paragraph:
    """Make a paragraph of plain strings and inlines."""
    return Paragraph(tuple(Text(p) if isinstance(p, str) else p for p in parts), lead)


def _chapter_one() -> tuple[Block, ...]:
    return (
        Heading(1, "Enkät till personal", "enkat-till-personal", "2."),
        paragraph(
            "Enkäten skickades till 146 personer i 13 förbund. Av dem svarade 90, vilket ger en "
            "svarsfrekvens på 61,6\u00a0procent.",
            NoteReference(1),
            " Nedan redovisas svaren fråga för fråga.",
            lead=True,
        ),
        Heading(2, "Förutsättningar för arbetet", "forutsattningar", "2.1."),
        paragraph(
            "En övervägande del av de svarande, ",
            Strong((Text("68,9\u00a0procent"),)),
            ", uppger att förbundet arbetat med jämställdhetsintegrering i mycket eller ganska hög "
            "grad (se ",
            CrossReference("tabell-1", "tabell 1"),
            "). Var femte svarar ",
            Emphasis((Text("i ganska låg grad"),)),
            ". Mer om metoden finns på ",
            Link("https://www.example.se/metod", (Text("myndighetens webbplats"),)),
            ".",
        ),
        frequency_table(),
        bars(),
        paragraph(
            "De vanligaste insatserna framgår av ", CrossReference("figur-1", "figur 1"), "."
        ),
        QuoteBlock(
            (
                paragraph(
                    "Vi har fått ett gemensamt språk. Förut pratade vi om samma människor men "
                    "med olika ord, och det gick ut över deltagarna."
                ),
                paragraph("Nu vet jag vem jag ska ringa."),
            ),
            (Text("Handläggare, kommun (konstruerat citat)"),),
        ),
        Heading(2, "Stöd", "stod", "2.2."),
        cross_table(),
        grouped(),
        Heading(3, "Svar per åldersgrupp", "svar-per-aldersgrupp"),
        columns(),
        Heading(2, "Samverkan", "samverkan", "2.3."),
        paragraph("Påståendena besvarades på en femgradig skala."),
        stacked(),
        diverging(),
        dots(),
    )


def _chapter_two() -> tuple[Block, ...]:
    return (
        PageBreak(),
        Heading(1, "Uppföljning över tid", "uppfoljning", "3."),
        paragraph("Samma deltagare har svarat vid flera tillfällen.", NoteReference(4)),
        forest(),
        slope(),
        line(),
        funnel(),
        tiles(),
        Heading(2, "Ekonomi", "ekonomi", "3.1."),
        text_table(),
        ListBlock(
            (
                (paragraph("Förbunden avgör själva hur medlen används."),),
                (
                    paragraph("Medlen följs upp på tre nivåer:"),
                    ListBlock(
                        (
                            (paragraph("individ"),),
                            (paragraph("organisation"),),
                            (paragraph("samhälle."),),
                        ),
                        ordered=True,
                    ),
                ),
            )
        ),
        paragraph("Adress:", LineBreak(), "Exempelgatan 1", LineBreak(), "123 45 Exempelstad"),
    )


def words(language: str = "sv") -> dict[str, str]:
    """Return the product's words, as the pipeline hands them to renderers."""
    return {key: str(text) for key, text in load_texts(language).mapping("words").items()}


def _registers() -> tuple[Block, ...]:
    """Definitions, references, and lists of tables and figures, with references to them."""
    held = (*_chapter_one(), *_chapter_two())
    tables = [block for block in held if isinstance(block, TableBlock)]
    figures = [block for block in held if isinstance(block, ChartBlock)]
    address = "https://www.example.se/rapporter/2014/en-lang-adress/som-behover/brytas.pdf"
    return (
        Heading(1, "Register", "register", "4."),
        Paragraph(
            (
                Text("Ordet "),
                CrossReference("ord-bas", "bas"),
                Text(" används som i ("),
                CrossReference("kalla-soc", "Socialstyrelsen 2014"),
                Text(")."),
            )
        ),
        Paragraph((Strong((Text("1. En fråga som hör ihop med sina svar?"),)),)),
        ListBlock(((paragraph("Ja"),), (paragraph("Nej"),))),
        EntryList(
            (
                ListEntry("ord-bas", "Bas", (Text("De som procenttalen räknas på."),)),
                ListEntry("ord-bortfall", "Internt bortfall", (Text("Fick frågan, svarade ej."),)),
            ),
            EntryKind.DEFINITIONS,
        ),
        EntryList(
            (
                ListEntry(
                    "kalla-soc",
                    "",
                    (
                        Text("Socialstyrelsen (2014). "),
                        Emphasis((Text("Handbok"),)),
                        Text(". "),
                        Link(address, (Text(address),)),
                    ),
                ),
            ),
            EntryKind.REFERENCES,
        ),
        EntryList(
            (ListEntry("kalla-nr", "1", (Text("Numrerad källa. Fritzes."),)),),
            EntryKind.NUMBERED_REFERENCES,
        ),
        *(
            EntryList(
                tuple(
                    ListEntry(b.id, b.label, (CrossReference(b.id, f"{b.label}. {b.caption}"),))
                    for b in blocks
                ),
                EntryKind.LISTING,
            )
            for blocks in (tables, figures)
        ),
    )


def sample_report() -> Report:
    """Return a report with every kind of block, inline, table row and chart."""
    blocks: tuple[Block, ...] = (
        Heading(1, "Sammanfattning", "sammanfattning", in_contents=False),
        paragraph(
            "Denna bilaga redovisar resultaten av tre enkäter till personal och deltagare i "
            "samordningsförbund. Svaren visar att stödet behövs, att det används och att "
            "uppföljningen kan bli bättre.",
            lead=True,
        ),
        Contents("Innehåll", 2),
        Heading(1, "Inledning", "inledning", "1."),
        paragraph(
            "Samordningsförbundens uppgift är att stödja samverkan mellan Arbetsförmedlingen, "
            "Försäkringskassan, kommuner och regioner. Utvärderingen omfattar åren 2020–2022."
        ),
        Box(
            "Så läser du tabellerna",
            "sa-laser-du-tabellerna",
            (
                paragraph("Alla andelar anges i procent av dem som besvarat frågan."),
                ListBlock(
                    (
                        (paragraph("n är antalet svar."),),
                        (paragraph("Symbolen .. betyder att uppgiften inte visas."),),
                    )
                ),
            ),
        ),
        *_chapter_one(),
        *_chapter_two(),
        *_registers(),
    )
    notes = (
        ("Utskicket gjordes i mars 2022 och två påminnelser skickades.",),
        ("Frågan ställdes endast till dem som är anställda i ett förbund.",),
        ("Med samverkansparter avses de organisationer som är medlemmar i förbundet.",),
        (
            "Formuläret finns på ",
            Link("https://www.example.se/formular", (Text("example.se/formular"),)),
            ".",
        ),
    )
    return Report(
        meta=ReportMeta(
            title="Utvärdering av samordningsförbundens arbete med jämställdhetsintegrering",
            subtitle="Bilaga 1: Resultat av tre enkäter till personal och deltagare",
            publisher="Exempelmyndigheten",
            language="sv",
            year=2022,
            series="Rapport 2022:9, Bilaga 1",
            date="2022-04-29",
            running_head="Exempelmyndigheten | Rapport 2022:9, Bilaga 1",
            notice="Svaren i denna rapport är konstruerade.",
            study="sample",
            description="Resultat av tre enkäter om jämställdhetsintegrering.",
        ),
        blocks=blocks,
        footnotes=tuple(
            Footnote(number, tuple(Text(p) if isinstance(p, str) else p for p in parts))
            for number, parts in enumerate(notes, 1)
        ),
        words=words(),
    )
