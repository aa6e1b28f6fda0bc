"""The questions of `scripts/reference.mjs`, as somebody would ask Polars or DuckDB who has the table as Parquet.

    python3 engines.py sink CSV PARQUET          makes the Parquet and prints seconds and peak memory
    python3 engines.py polars|duckdb PARQUET     answers lines of JSON, {"question": .., "k": ..}, with {"ms": ..}

Only the way in and the rows out are counted: the answer is made a list of Python tuples, nothing is written as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

COLUMNS = "sample_id, feature_id, expression, effect_size, neg_log10_p, mean_expression, feature_class, chr, position, frac_expressing, rank"


def eight(k: int) -> list[str]:
    """Eight samples."""
    return [f"SAMPLE_{(n * 61 + k) % 500:05}" for n in range(8)]


def duckdb_questions(path: str) -> dict[str, Callable[[int], Any]]:
    """In SQL."""
    import duckdb

    database = duckdb.connect()
    table = f"read_parquet('{path}')"

    def ask(sql: str) -> list[Any]:
        return database.execute(sql).fetchall()

    def bins(k: int) -> list[Any]:
        where = f"feature_class = 'protein_coding' AND expression > {k}"
        low, high = ask(f"SELECT min(effect_size), max(effect_size) FROM {table} WHERE {where}")[0]
        width = (high - low) / 50
        return ask(
            f"SELECT least(49, floor((effect_size - {low}) / {width})) AS bin, count(*) FROM {table}"
            f" WHERE {where} GROUP BY bin ORDER BY bin"
        )

    return {
        "card: mean under a class and a bound": lambda k: ask(
            f"SELECT avg(expression) FROM {table} WHERE feature_class = 'lncRNA' AND expression > {k}"
        ),
        "card: rows of eight samples": lambda k: ask(
            f"SELECT count(*) FROM {table} WHERE sample_id IN ({', '.join(repr(one) for one in eight(k))})"
        ),
        "distinct values with counts": lambda k: ask(
            f"SELECT chr, count(*) FROM {table} WHERE position > {k} GROUP BY chr ORDER BY 2 DESC"
        ),
        "table page: the first": lambda k: ask(f"SELECT {COLUMNS} FROM {table} WHERE position > {k} LIMIT 100"),
        "table page: from row 6,000,000": lambda k: ask(f"SELECT {COLUMNS} FROM {table} LIMIT 100 OFFSET {6_000_000 + k}"),
        "table page: 100 by effect, all columns": lambda k: ask(
            f"SELECT {COLUMNS} FROM {table} WHERE position > {k} ORDER BY effect_size DESC LIMIT 100"
        ),
        "table page: 100 by effect, from row 6,000,000": lambda k: ask(
            f"SELECT {COLUMNS} FROM {table} ORDER BY effect_size DESC LIMIT 100 OFFSET {6_000_000 + k}"
        ),
        "histogram of 50 bins under two filters": bins,
        "box: quartiles by class": lambda k: ask(
            f"SELECT feature_class, quantile_cont(expression, [0, 0.25, 0.5, 0.75, 1]) FROM {table}"
            f" WHERE position > {k} GROUP BY feature_class"
        ),
        "bar: mean by class and rank": lambda k: ask(
            f"SELECT feature_class, rank, avg(expression) FROM {table} WHERE position > {k} GROUP BY feature_class, rank"
        ),
        "median of a column": lambda k: ask(f"SELECT median(neg_log10_p) FROM {table} WHERE position > {k}"),
        "scatter: 10,000 of all": lambda k: ask(
            f"SELECT effect_size, neg_log10_p, feature_class FROM (SELECT * FROM {table} WHERE position > {k})"
            " USING SAMPLE 10000 ROWS"
        ),
    }


def polars_questions(path: str) -> dict[str, Callable[[int], Any]]:
    """As lazy frames, by the streaming engine where that is its default."""
    import polars as pl

    table = pl.scan_parquet(path)
    col = pl.col

    def rows(frame: Any) -> list[Any]:
        return frame.collect().rows()

    def above(k: int) -> Any:
        return table.filter(col("position") > k)

    def bins(k: int) -> list[Any]:
        part = table.filter((col("feature_class") == "protein_coding") & (col("expression") > k)).select("effect_size").collect()
        return part["effect_size"].hist(bin_count=50).rows()

    def quartiles(k: int) -> list[Any]:
        at = [col("expression").quantile(q, "linear").alias(str(q)) for q in (0, 0.25, 0.5, 0.75, 1)]
        return rows(above(k).group_by("feature_class").agg(at))

    return {
        "card: mean under a class and a bound": lambda k: rows(
            table.filter((col("feature_class") == "lncRNA") & (col("expression") > k)).select(col("expression").mean())
        ),
        "card: rows of eight samples": lambda k: rows(table.filter(col("sample_id").is_in(eight(k))).select(pl.len())),
        "distinct values with counts": lambda k: rows(above(k).group_by("chr").len().sort("len", descending=True)),
        "table page: the first": lambda k: rows(above(k).head(100)),
        "table page: from row 6,000,000": lambda k: rows(table.slice(6_000_000 + k, 100)),
        "table page: 100 by effect, all columns": lambda k: rows(above(k).sort("effect_size", descending=True).head(100)),
        "table page: 100 by effect, from row 6,000,000": lambda k: rows(
            table.sort("effect_size", descending=True).slice(6_000_000 + k, 100)
        ),
        "histogram of 50 bins under two filters": bins,
        "box: quartiles by class": quartiles,
        "bar: mean by class and rank": lambda k: rows(above(k).group_by("feature_class", "rank").agg(col("expression").mean())),
        "median of a column": lambda k: rows(above(k).select(col("neg_log10_p").median())),
        "scatter: 10,000 of all": lambda k: above(k)
        .select("effect_size", "neg_log10_p", "feature_class")
        .collect()
        .sample(10_000, seed=k)
        .rows(),
    }


def sink(csv: str, parquet: str) -> None:
    """What a user would do with the CSV."""
    import polars as pl

    began = time.perf_counter()
    pl.scan_csv(csv).sink_parquet(parquet)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def main(engine: str, path: str) -> None:
    """Answers until the input ends."""
    questions = duckdb_questions(path) if engine == "duckdb" else polars_questions(path)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        began = time.perf_counter()
        answer = questions[job["question"]](job["k"])
        ms = (time.perf_counter() - began) * 1000
        print(json.dumps({"ms": ms, "rows": len(answer)}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "sink":
        sink(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[1], sys.argv[2])
