"""Deduplicates the sets of `evaluate --task duplicates` with BibDedupe and counts as `evaluate` does.

    python3 -m venv peers && peers/bin/pip install bib-dedupe==0.11.0
    peers/bin/python bench/peers/bibdedupe.py DIR [fields to take away, separated by commas]
"""

import collections
import json
import pathlib
import sys
import time

FIELDS = ["title", "authors", "year", "journal", "volume", "number", "pages", "doi", "abstract"]


def bibdedupe(records):
    import pandas as pd
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    frame = pd.DataFrame([{"ID": r["id"], "ENTRYTYPE": "article", **{f: r.get(f, "") for f in FIELDS}} for r in records])
    frame = frame.rename(columns={"authors": "author"})
    return cluster(match(block(prep(frame, cpu=1), cpu=1), cpu=1))


def metrics(records, groups):
    cluster = {r["id"]: r["cluster"] for r in records}
    size = collections.Counter(cluster.values())
    removed = collections.Counter(cluster[i] for group in groups for i in set(list(group)[1:]))
    tp = sum(min(removed[c], n - 1) for c, n in size.items())
    fp = sum(removed[c] == n for c, n in size.items())
    fn = sum(max(0, n - 1 - removed[c]) for c, n in size.items())
    return {"sensitivity": round(tp / (tp + fn), 4), "precision": round(tp / max(1, tp + fp), 4), "falsePositives": fp, "missed": fn}


folder = sys.argv[1]
without = sys.argv[2].split(",") if len(sys.argv) > 2 else []
for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
    records = [{k: v for k, v in json.loads(line).items() if k not in without} for line in path.open(encoding="utf-8")]
    started = time.time()
    groups = bibdedupe(records)
    print({"set": path.stem, "without": without, **metrics(records, groups), "seconds": round(time.time() - started, 1)})
