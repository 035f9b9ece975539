"""A long invented report with every kind of block: 40 tables, 10 charts, 30 footnotes.

Built from a fixed list of sentences and a small linear generator, so that it
is the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from evaluation.report.model import (
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
    Footnote,
    HeadCell,
    Heading,
    LineBreak,
    Link,
    ListBlock,
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

SENTENCES = (
    (
        "Utvärderingen bygger på en enkät till regionernas och kommunernas samordnare samt på "
        "intervjuer med handläggare vid länsstyrelserna."
    ),
    (
        "Av de svarande uppger 61,3 procent att stödet i mycket eller ganska hög grad har bidragit "
        "till att utveckla arbetet, medan 12,4 procent anser att det inte har gjort det."
    ),
    (
        "Resultaten ska tolkas med försiktighet eftersom antalet svarande är litet i flera av "
        "grupperna och bortfallet inte är slumpmässigt fördelat."
    ),
    (
        "Det framgår också att styrningen upplevs som otydlig: flera respondenter efterlyser en "
        "långsiktig finansiering och tydligare uppdrag i myndighetens regleringsbrev."
    ),
    (
        "Skillnaderna mellan små och stora kommuner är genomgående, men de är statistiskt "
        "säkerställda endast i fråga om tillgång till särskilda resurser."
    ),
    (
        "I de öppna svaren återkommer tre teman: brist på tid, svag förankring i ledningen och "
        "behovet av gemensamma metoder för jämställdhetsbudgetering och arbetsmarknadsåtgärder."
    ),
    (
        "Myndigheten bedömer att arbetet med jämställdhetsintegrering har förbättrats sedan den "
        "förra mätningen 2019, om än från en låg nivå."
    ),
)
NOTES = (
    "Prop. 2021/22:1 utgiftsområde 13, s. 72–85.",
    "Skr. 2016/17:10 Makt, mål och myndighet – feministisk politik för en jämställd framtid.",
    "Frågan ställdes endast till dem som hade svarat ja på fråga 7.",
    (
        "Med samordningsförbund avses här en fristående juridisk person som finansieras av "
        "Försäkringskassan, Arbetsförmedlingen, kommuner och regioner enligt lagen (2003:1210) om "
        "finansiell samordning av rehabiliteringsinsatser."
    ),
    "Ibid.",
)
QUOTES = (
    (
        "Jag upplever att stödet motsvarade de behov som vår organisation hade, men det kom för "
        "sent i processen för att vi skulle kunna använda det fullt ut."
    ),
    (
        "Vi är en liten kommun. Det är samma person som ska samordna allt, och då blir det "
        "viktigaste att det finns färdiga material att luta sig mot."
    ),
    "Utan den nationella samordningen hade frågan prioriterats ned redan första året.",
)
ANSWERS = (
    ("I mycket hög grad", "I ganska hög grad", "I ganska låg grad", "Inte alls"),
    ("Ja", "Nej", "Delvis"),
    (
        "Kommunens socialtjänst, till exempel relationsvåldscentrum eller kvinnofridsteam",
        "Ideell kvinno- eller tjejjour",
        "Hälso- och sjukvården",
        "Annan verksamhet, nämligen",
    ),
)
CHAPTERS = (
    "Inledning",
    "Metod och genomförande",
    "Projektets organisatoriska förutsättningar",
    "Stödets utformning",
    "Stödets resultat",
    "Samverkan och styrning",
    "Uppföljning av handlingsplaner",
    "Resurser och kompetens",
    "Öppna svar",
    "Slutdiskussion",
)


@dataclass
class Draw:
    """A small linear congruential generator and running numbers."""

    state: int = 2022
    tables: int = 0
    charts: int = 0
    notes: int = 0

    def below(self, limit: int) -> int:
        self.state = (self.state * 1_103_515_245 + 12_345) % 2**31
        return (self.state >> 8) % limit

    def paragraph(
        self, *, note: bool = False, reference: str = "", lead: bool = False
    ) -> Paragraph:
        texts = [SENTENCES[self.below(len(SENTENCES))] for _ in range(3 if lead else 5)]
        children = [Text(" ".join(texts))]
        if note:
            self.notes += 1
            children.append(NoteReference(self.notes))
        if reference:
            children += [
                Text(" Svaren redovisas i "),
                CrossReference(reference.replace(" ", "-"), reference),
                Text("."),
            ]
        return Paragraph(tuple(children), lead=lead)


def percent(n: int, base: int) -> BodyCell:
    tenths = (2000 * n + base) // (2 * base)
    return BodyCell(f"{tenths // 10},{tenths % 10}", Decimal(tenths) / 10, 1, "percent")


def count(n: int) -> BodyCell:
    return BodyCell(f"{n:,}".replace(",", "\u00a0"), Decimal(n), 0, "count")


def frequency(draw: Draw, *, answers: tuple[str, ...] | None = None, note: int = 0) -> TableBlock:
    """One question: n and percent, total, kinds of missing."""
    draw.tables += 1
    labels = answers or ANSWERS[draw.tables % len(ANSWERS)]
    counts = [3 + draw.below(400) for _ in labels]
    base = sum(counts)
    rows = [
        BodyRow(label, (count(n), percent(n, base)))
        for label, n in zip(labels, counts, strict=True)
    ]
    rows.append(
        BodyRow(
            "Totalt", (count(base), BodyCell("100,0", Decimal(100), 1, "percent")), BodyKind.TOTAL
        )
    )
    rows.append(BodyRow("Uppgift saknas", (count(4), BodyCell("", None)), BodyKind.MISSING))
    return TableBlock(
        id=f"tabell-{draw.tables}",
        caption="I vilken utsträckning har stödet bidragit till ert arbete?",
        stub="Svar",
        head=((HeadCell("n"), HeadCell("Procent")),),
        rows=tuple(rows),
        number=draw.tables,
        label=f"Tabell {draw.tables}",
        notes=(f"Bas: {base} svarande. Källa: enkät till samordnare 2022.",),
        caption_note=note,
    )


def crosstab(draw: Draw, *, cell_note: int = 0) -> TableBlock:
    """A question by two groups, spanning heads, group rows, withheld cells, a test."""
    draw.tables += 1
    groups = ("Kommun", "Region", "Länsstyrelse")
    bases = [40 + draw.below(300) for _ in groups]
    head = (
        (*(HeadCell(g, span=2) for g in groups), HeadCell("Samtliga svarande", rows=2)),
        tuple(HeadCell(t) for _ in groups for t in ("n", "Procent")),
    )
    rows: list[BodyRow] = []
    for name in ("Små organisationer (färre än 50 anställda)", "Stora organisationer"):
        rows.append(BodyRow(name, (), BodyKind.GROUP))
        for label in ANSWERS[0]:
            cells: list[BodyCell] = []
            for base in bases:
                n = 1 + draw.below(base)
                withheld = n < 12
                cells.append(BodyCell("..", None, 0, "count", "primary") if withheld else count(n))
                cells.append(
                    BodyCell("..", None, 1, "percent", "primary") if withheld else percent(n, base)
                )
            cells.append(
                BodyCell(
                    "61,3", Decimal("61.3"), 1, "percent", note=cell_note if not rows[1:] else 0
                )
            )
            rows.append(BodyRow(label, tuple(cells)))
    rows.append(
        BodyRow(
            "Instämmer (netto)", (*(percent(1, 2) for _ in range(6)), percent(3, 5)), BodyKind.NET
        )
    )
    rows.append(BodyRow("Totalt", tuple(count(90) for _ in range(7)), BodyKind.TOTAL))
    return TableBlock(
        id=f"tabell-{draw.tables}",
        caption="Stödets betydelse efter typ av organisation och organisationens storlek",
        stub="Har stödet bidragit?",
        head=head,
        rows=tuple(rows),
        number=draw.tables,
        label=f"Tabell {draw.tables}",
        notes=(
            "Bas: de som har besvarat frågan.",
            ".. uppgiften är sekretesskyddad eller alltför osäker.",
        ),
        tests=(
            "Skillnaden mellan grupperna är statistiskt säkerställd (chi-två = 12,4; p = 0,002).",
        ),
    )


def long_table(draw: Draw) -> TableBlock:
    """More rows than a page holds."""
    return frequency(draw, answers=tuple(f"Kommun {i:03d}" for i in range(1, 71)))


def wide_table(draw: Draw) -> TableBlock:
    """More columns than an upright page holds."""
    draw.tables += 1
    counties = (
        "Stockholm",
        "Uppsala",
        "Södermanland",
        "Östergötland",
        "Jönköping",
        "Kronoberg",
        "Kalmar",
        "Gotland",
        "Blekinge",
        "Skåne",
        "Halland",
        "Västra Götaland",
        "Värmland",
        "Örebro",
    )
    return TableBlock(
        id=f"tabell-{draw.tables}",
        caption="Svar efter län, procent",
        stub="Svar",
        head=(tuple(HeadCell(c) for c in counties),),
        rows=tuple(
            BodyRow(a, tuple(percent(1 + draw.below(90), 100) for _ in counties))
            for a in ANSWERS[2]
        ),
        number=draw.tables,
        label=f"Tabell {draw.tables}",
        notes=("Bas: 758 svarande.",),
    )


def text_table(draw: Draw) -> TableBlock:
    """Texts only, as in a list of associations; no number, no label."""

    def text(value: str) -> BodyCell:
        return BodyCell(value, None, 0, "text")

    return TableBlock(
        id="forbund",
        caption="",
        stub="Grupp 1",
        head=(
            (
                HeadCell("Åtaganden", is_number=False),
                HeadCell("Stöd från projektledningen", is_number=False),
            ),
        ),
        rows=(
            BodyRow(
                "Samordningsförbundet Centrala Östergötland",
                (
                    text(
                        "Ställer rutinmässigt frågor om våld till alla deltagare i "
                        "individinriktade insatser."
                    ),
                    text("Utbildning, handledning och erfarenhetsutbyte två gånger per år."),
                ),
            ),
            BodyRow("Finsam Lekeberg och Örebro", (text("Deltar i nätverk."), text("Utbildning."))),
        ),
    )


def chart(draw: Draw, kind: ChartKind = ChartKind.STACKED) -> ChartBlock:
    draw.charts += 1
    categories = (
        "Kommuner under 15 000 inv.",
        "Kommuner 15 000–49 999 inv.",
        "Kommuner 50 000 inv. och fler",
        "Regioner",
        "Länsstyrelser",
    )
    steps = (
        ("I mycket hög grad", "I ganska hög grad", "I ganska låg grad", "Inte alls")
        if kind is not ChartKind.BARS
        else ("Procent",)
    )
    values = [[Decimal(34 - 6 * s + draw.below(9)) for s in range(len(steps))] for _ in categories]
    filled = [[*row[:-1], 100 - sum(row[:-1])] for row in values] if len(steps) > 1 else values
    series = tuple(
        ChartSeries(
            step,
            tuple(ChartPoint(row[i], f"{row[i]},0") for row in filled),
            "scale" if len(steps) > 1 else "categorical",
        )
        for i, step in enumerate(steps)
    )
    return ChartBlock(
        id=f"figur-{draw.charts}",
        kind=kind,
        caption="Stödets betydelse efter typ av organisation",
        categories=categories,
        series=series,
        unit="percent",
        axis_title="Procent",
        alt=f"Liggande stapeldiagram, figur {draw.charts}. Regioner: {filled[3][0]} procent svarar "
        "i mycket hög grad.",
        data_table=frequency(Draw()),
        number=draw.charts,
        label=f"Figur {draw.charts}",
        notes=("Bas: 312 svarande. Källa: enkät till samordnare 2022.",),
    )


def chapter(draw: Draw, number: int, title: str) -> list[object]:
    blocks: list[object] = [
        Heading(1, title, f"kapitel-{number}", f"{number}.", uppercase=True),
        draw.paragraph(lead=True, note=True),
        draw.paragraph(),
    ]
    for part in (1, 2, 3):
        heading = (
            "Utgångspunkter för frågorna",
            "Svar efter organisationstyp och verksamhetens förutsättningar att arbeta långsiktigt",
            "Skillnader mellan grupper",
        )[part - 1]
        blocks.append(
            Heading(2, heading, f"avsnitt-{number}-{part}", f"{number}.{part}.", uppercase=True)
        )
        blocks.append(draw.paragraph(note=part == 1))
        table = (
            long_table(draw)
            if (number, part) == (3, 2)
            else crosstab(draw)
            if part == 3
            else frequency(draw)
        )
        blocks += [
            draw.paragraph(reference=table.label.lower()),
            table,
            draw.paragraph(note=part == 3),
        ]
        if part == 2:
            blocks += [
                Heading(3, "Fördjupning: små kommuner", f"fordjupning-{number}", f"{number}.2.1."),
                draw.paragraph(),
                QuoteBlock(
                    (Paragraph((Text(QUOTES[number % 3]),)),), (Text("Samordnare, kommun"),)
                ),
                draw.paragraph(),
                frequency(draw),
                draw.paragraph(),
                chart(draw, ChartKind.BARS if number % 2 else ChartKind.STACKED),
                draw.paragraph(),
                ListBlock(
                    tuple(
                        (Paragraph((Text(t),)),)
                        for t in (
                            "tydligare uppdrag i regleringsbrev,",
                            "långsiktig finansiering, och",
                            "gemensamma metoder för uppföljning.",
                        )
                    )
                ),
            ]
    return blocks


def special(draw: Draw) -> list[object]:
    """What the ordinary chapters lack."""
    plain = Paragraph((Text("Svaren redovisas nedan."),))
    nested = ListBlock(((Paragraph((Text("en underpunkt"),)),), (Paragraph((Text("en till"),)),)))
    return [
        Heading(1, "Bilaga", "bilaga"),
        Heading(2, "Definitioner", "definitioner"),
        Paragraph(
            (
                Text("Ord som är "),
                Strong((Text("viktiga"),)),
                Text(" eller "),
                Emphasis((Text("betonade"),)),
                Text(", en "),
                Link("https://www.jamstalldhetsmyndigheten.se/", (Text("länk"),)),
                Text(", en hänvisning till "),
                CrossReference("avsnitt-1-1", "avsnitt 1.1"),
                Text(", en not som redan har nämnts"),
                NoteReference(1),
                Text(" och en"),
                LineBreak(),
                Text("radbrytning."),
            )
        ),
        ListBlock(
            (
                (
                    Paragraph((Text("Fysiskt våld: slag, sparkar och knuffar. " + SENTENCES[2]),)),
                    nested,
                ),
                (plain,),
            ),
            ordered=True,
        ),
        Box(
            "Samordningsförbund",
            "ruta-1",
            (
                Paragraph((Text(SENTENCES[0] + " " + SENTENCES[3]),)),
                ListBlock(((plain,), (plain,))),
            ),
        ),
        Heading(3, "En rubrik utan nummer", "utan-nummer", in_contents=False),
        text_table(draw),
        plain,
        Heading(4, "Fjärde nivån", "niva-4"),
        wide_table(draw),
        crosstab(draw, cell_note=draw.notes + 1),
        PageBreak(),
        frequency(draw, note=draw.notes + 2),
        plain,
    ]


def stress_report(chapters: int = 10) -> Report:
    """Return the report; fewer chapters make a shorter one with the same kinds of block."""
    draw = Draw()
    blocks: list[object] = [
        Contents("Innehåll", 3),
        Heading(1, "Sammanfattning", "sammanfattning", uppercase=True),
        draw.paragraph(),
        draw.paragraph(),
    ]
    for number, title in enumerate(CHAPTERS[:chapters], start=1):
        blocks += chapter(draw, number, title)
    blocks += special(draw)
    notes = tuple(Footnote(i + 1, (Text(NOTES[i % len(NOTES)]),)) for i in range(draw.notes + 2))
    return Report(
        ReportMeta(
            title="Våld i nära relationer ska upptäckas och stoppas",
            subtitle="Enkäter till anställda och deltagare i pilotprojektet",
            publisher="Jämställdhetsmyndigheten",
            language="sv",
            year=2022,
            series="Rapport 2022:9, Bilaga 1",
            date="2022-04-29",
            running_head="Jämställdhetsmyndigheten  |  Rapport 2022:9, Bilaga 1",
            notice="Svaren i denna rapport är påhittade. Endast randfördelningarna är hämtade ur "
            "den publicerade bilagan.",
            study="samordningsforbund-2022",
        ),
        tuple(blocks),  # type: ignore[arg-type]
        notes,
    )
