"""The allow-lists of `names.txt`, read once. The text is handed over by the program, so no file is opened."""

from __future__ import annotations


def parse(text: str) -> dict[str, frozenset[str]]:
    """Lists by their bracketed title; a `#` starts a comment line."""
    lists: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            current = lists.setdefault(line[1:-1], set())
        else:
            current.update(line.split())
    return {title: frozenset(names) for title, names in lists.items()}


LISTS: dict[str, frozenset[str]] = parse(NAMES_TEXT)  # type: ignore[name-defined]  # noqa: F821  set by the loader
