"""The manifest: what a run read, wrote and decided, without any answer in it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.protection.release import Release


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a file's content as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def manifest_json(  # noqa: PLR0913
    *,
    study: str,
    inputs: Mapping[str, str],
    outputs: Mapping[str, bytes | str],
    versions: Mapping[str, str],
    product: str,
    settings: Mapping[str, Any],
    intake: Mapping[str, Mapping[str, int]],
    release: Release,
    problems: Sequence[tuple[str, str, int]],
) -> bytes:
    """Return ``manifest.json``.

    Parameters
    ----------
    study
        Name of the study folder.
    inputs
        Path within the study folder -> sha256.
    outputs
        File name -> content, or its SHA-256 where that is known already.
    versions
        Package -> version.
    product
        Hash of the program and its templates.
    settings
        What the run was asked for.
    intake
        Survey -> intake status -> rows.
    release
        For the method, its settings and the suppression log.
    problems
        Severity, code and number of findings; not of rows of the export, which
        would be counts of answers.
    """
    log = [
        {
            "table": d.table,
            "row": d.row,
            "column": d.column,
            "status": d.status.value,
            "reason": d.reason,
        }
        for d in release.log
    ]
    content = {
        "study": study,
        "inputs": dict(sorted(inputs.items())),
        "outputs": {
            name: data if isinstance(data, str) else sha256(data)
            for name, data in sorted(outputs.items())
        },
        "versions": dict(sorted(versions.items())),
        "product": product,
        "settings": dict(settings),
        "intake": {survey: dict(counts) for survey, counts in intake.items()},
        "problems": [
            {"severity": severity, "code": code, "count": count}
            for severity, code, count in problems
        ],
        "protection": {
            "method": release.method,
            "settings": release.settings,
            "cells": release.n_cells,
            "hidden": release.n_hidden,
            "log": log,
        },
    }
    return _as_text(content)


def with_kept(manifest: bytes, kept: Mapping[str, str]) -> bytes:
    """Return a manifest that names files of earlier runs, with SHA-256, which say the same."""
    if not kept:
        return manifest
    content = json.loads(manifest)
    return _as_text({**content, "kept": dict(sorted(kept.items()))})


def _as_text(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
