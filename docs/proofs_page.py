"""docs/proofs.md: each rewrite, the lemmas that it rests on, the widths at which they are proved, and the time.

    python docs/proofs_page.py [--check]

Proves every lemma, and that its false variant is refuted; `--check` writes nothing. Needs the test environment.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/py/support" / folder) for folder in ("", "lemmas")]

from lemmas import LEMMAS  # noqa: E402
from named_lemmas import Rewrite, rewrites  # noqa: E402

PAGE = ROOT / "docs/proofs.md"
HEAD = """# Lemmas of rewrites

`make prove` proves each lemma with z3 for all values of its variables at the widths named here (sums of n terms by an
induction step), checks that a false variant of it is refuted, and writes this page. The lemmas stand in
[`support/lemmas`](../tests/py/support/lemmas); a rewrite without one fails a test. Whole networks are proved by
`qdialect prove` ([same_bits.md](same_bits.md#what-is-proved)).
"""


def page(seconds: dict[str, float]) -> str:
    """The text of the page."""
    used = [f"| `{r.name}` | {where(r)} | {', '.join(f'[{n}](#{n})' for n in r.lemmas)} |" for r in rewrites()]
    told = [
        f"### {name}\n\n{' '.join(lemma.statement.split())}\n\n{lemma.widths}; {seconds[name]:.1f} s\n"
        for name, lemma in LEMMAS.items()
    ]
    table = "\n".join(["| rewrite | file | lemmas |", "| --- | --- | --- |", *used])
    return "\n".join([HEAD, "## Rewrites", "", table, "", "## Lemmas", "", *told]).rstrip() + "\n"


def where(rewrite: Rewrite) -> str:
    return f"[{Path(rewrite.file).name}](../{rewrite.file})"


def main() -> int:
    seconds: dict[str, float] = {}
    failed: list[str] = []
    for name, lemma in LEMMAS.items():
        start = perf_counter()
        good = lemma.holds() and lemma.can_fail()
        seconds[name] = perf_counter() - start
        print(f"{'proved' if good else 'NOT PROVED'}  {name}  {lemma.widths}  {seconds[name]:.1f} s", flush=True)
        failed += [] if good else [name]
    without = [rewrite.name for rewrite in rewrites() if not set(rewrite.lemmas) & set(LEMMAS)]
    print(
        f"{len(LEMMAS) - len(failed)} of {len(LEMMAS)} lemmas, {len(rewrites())} rewrites, {len(without)} without one"
    )
    if not failed and "--check" not in sys.argv:
        PAGE.write_text(page(seconds))
    return 1 if failed or without else 0


if __name__ == "__main__":
    sys.exit(main())
