"""Words that drafting goes by: scales, "don't know", "other", names of personal data.

The lists are data (``templates/words/<language>.yaml``); here they become one
lookup in which the languages are together, because a Swedish survey answered
in English is an ordinary thing. All words are folded (`spelling.fold`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LISTS = (
    "off_scale",
    "off_scale_starts",
    "no_answer",
    "missing_marks",
    "sentinels",
    "yes",
    "no",
    "checked",
    "unchecked",
    "not_selected",
    "other",
    "other_starts",
    "other_text_heads",
    "none",
    "none_starts",
    "negations",
    "neutral",
    "negative",
    "positive",
    "range_under",
    "range_over",
    "count_heads",
    "free_text_heads",
    "weight_heads",
    "unit_heads",
    "background_heads",
    "identifier_heads",
    "stop_words",
    "status_heads",
    "person_heads",
    "occasion_heads",
    "sure_weight_heads",
    "not_weight",
    "weight_phrases",
    "rating_heads",
    "other_suffixes",
    "personal_telling",
)


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists of all languages.

    Attributes
    ----------
    steps
        Folded label -> number of a known scale -> its step there, from least to most.
    lists
        Name of a list -> folded words; see ``templates/words/sv.yaml``.
    degrees
        Word -> strength, 1 (a little) to 5 (fully).
    units
        Word -> how many of the smallest unit (days, ones).
    numbers
        Number word -> number.
    personal
        Kind of personal data -> heads that announce it.
    status
        Meaning of a submission (`IntakeStatus`) -> cell values.
    phrases
        Language -> name -> text that a draft puts in.
    small_words
        Language -> words that texts in it are full of.
    language
        Language of a text that holds none of them.
    """

    steps: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    degrees: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    personal: Mapping[str, frozenset[str]] = field(default_factory=dict)
    status: Mapping[str, frozenset[str]] = field(default_factory=dict)
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    small_words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    language: str = "sv"

    def among(self, name: str, text: str) -> bool:
        """Tell whether a text (any spelling) is a word of a list."""
        return fold(text) in self.lists.get(name, frozenset())

    def starts(self, name: str, text: str) -> bool:
        """Tell whether a text begins with a word or phrase of a list."""
        folded = fold(text)
        return any(folded.startswith(start) for start in self.lists.get(name, ()))

    def is_other(self, label: str) -> bool:
        """Tell "other, namely" from an ordinary option."""
        return self.among("other", label) or self.starts("other_starts", label)

    def is_off_scale(self, label: str) -> bool:
        """Tell "don't know" and the like from a step of a scale."""
        is_off = self.among("off_scale", label) or self.among("no_answer", label)
        return is_off or self.starts("off_scale_starts", label)

    def is_none(self, label: str) -> bool:
        """Tell "none of these" and the like."""
        return self.among("none", label) or self.starts("none_starts", label)

    def language_of(self, text: str, default: str | None = None) -> str:
        """Guess the language of a text by the small words that it is full of.

        A text without such words is in the language of the survey, if that is known.
        """
        default = self.language if default is None else default
        tokens = fold(text).replace("?", " ").replace(".", " ").split()
        scores = {
            language: sum(token in small for token in tokens)
            for language, small in self.small_words.items()
        }
        best = max(scores, key=lambda language: scores[language], default=default)
        return best if scores.get(best) else default

    def phrase(self, name: str, language: str) -> str:
        """Return a text of the draft in a language, else in any."""
        own = self.phrases.get(language, {}).get(name)
        return own or next((p[name] for p in self.phrases.values() if name in p), name)


def make_words(content: Mapping[str, Mapping[str, Any]]) -> Words:
    """Build the lookup from the contents of the word files, language -> mapping."""
    steps: dict[str, dict[int, int]] = {}
    n_scales = 0
    lists: dict[str, set[str]] = {name: set() for name in _LISTS}
    degrees: dict[str, int] = {}
    amounts: dict[str, dict[str, float]] = {"range_units": {}, "numbers": {}}
    groups: dict[str, dict[str, set[str]]] = {"personal": {}, "status": {}}
    for entries in content.values():
        for scale in entries.get("scales", ()):
            for step, spellings in enumerate(scale):
                for spelling in _folded(spellings):
                    steps.setdefault(spelling, {})[n_scales] = step
            n_scales += 1
        for name in _LISTS:
            lists[name].update(_folded(entries.get(name, ())))
        for strength, words in entries.get("degrees", {}).items():
            degrees.update(dict.fromkeys(_folded(words), int(strength)))
        for name, table in amounts.items():
            table.update({fold(str(k)): float(v) for k, v in entries.get(name, {}).items()})
        for name, kinds in groups.items():
            for kind, words in entries.get(name, {}).items():
                kinds.setdefault(kind, set()).update(_folded(words))
    phrases = {
        language: {name: str(e[name]) for name in _PHRASES if name in e}
        for language, e in content.items()
    }
    return Words(
        steps=steps,
        lists={name: frozenset(words) for name, words in lists.items()},
        degrees=degrees,
        units=amounts["range_units"],
        numbers=amounts["numbers"],
        personal={kind: frozenset(words) for kind, words in groups["personal"].items()},
        status={kind: frozenset(words) for kind, words in groups["status"].items()},
        phrases=phrases,
        small_words={
            language: frozenset(_folded(entries.get("small_words", ())))
            for language, entries in content.items()
        },
    )


_PHRASES = ("lost_options", "lost_stem", "other_label", "survey_title")


def _folded(words: Sequence[object]) -> list[str]:
    return [fold(str(word)) for word in words]
