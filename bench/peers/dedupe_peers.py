"""Deduplicates the sets of `evaluate --task duplicates` with BibDedupe or srdedupe and counts as `evaluate` does.

    python3 -m venv peers && peers/bin/pip install bib-dedupe==0.11.0 srdedupe==0.1.1
    peers/bin/python bench/peers/dedupe_peers.py bibdedupe|srdedupe DIR [fields to take away, separated by commas]
"""

import collections
import json
import pathlib
import sys
import tempfile
import time

RIS = {"title": "TI", "year": "PY", "journal": "T2", "volume": "VL", "number": "IS", "pages": "SP", "doi": "DO", "abstract": "AB"}
FIELDS = ["title", "authors", "year", "journal", "volume", "number", "pages", "doi", "abstract"]


def bibdedupe(records):
    import pandas as pd
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    frame = pd.DataFrame([{"ID": r["id"], "ENTRYTYPE": "article", **{f: r.get(f, "") for f in FIELDS}} for r in records])
    frame = frame.rename(columns={"authors": "author"})
    return cluster(match(block(prep(frame, cpu=1), cpu=1), cpu=1))


def srdedupe(records):
    from srdedupe import dedupe

    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for r in records:
            lines.append("TY  - JOUR")
            lines += [f"AU  - {name}" for name in r.get("authors", "").split(" and ") if name]
            lines += [f"{tag}  - {' '.join(r[f].split())}" for f, tag in RIS.items() if r.get(f)]
            lines += [f"ID  - {r['id']}", "ER  - ", ""]
        path = pathlib.Path(folder, "records.ris")
        path.write_text("\n".join(lines), encoding="utf-8")
        result = dedupe(str(path), output_dir=str(pathlib.Path(folder, "out")))
        if not result.success:
            raise SystemExit(result.error_message)
        return groups_of(result, [r["id"] for r in records])


def groups_of(result, ids):
    for name, path in result.output_files.items():
        print(name, path, file=sys.stderr)
    clusters = next(path for name, path in result.output_files.items() if "cluster" in name and "enrich" not in name)
    groups = []
    for line in open(clusters, encoding="utf-8"):
        cluster = json.loads(line)
        if len(cluster.get("rids", [])) > 1:
            groups.append(cluster)
    return groups


def metrics(records, groups):
    cluster = {r["id"]: r["cluster"] for r in records}
    size = collections.Counter(cluster.values())
    removed = collections.Counter(cluster[i] for group in groups for i in set(list(group)[1:]))
    tp = sum(min(removed[c], n - 1) for c, n in size.items())
    fp = sum(removed[c] == n for c, n in size.items())
    fn = sum(max(0, n - 1 - removed[c]) for c, n in size.items())
    return {"sensitivity": round(tp / (tp + fn), 4), "precision": round(tp / max(1, tp + fp), 4), "falsePositives": fp, "missed": fn}


peer, folder = sys.argv[1:3]
without = sys.argv[3].split(",") if len(sys.argv) > 3 else []
for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
    records = [{k: v for k, v in json.loads(line).items() if k not in without} for line in path.open(encoding="utf-8")]
    started = time.time()
    groups = {"bibdedupe": bibdedupe, "srdedupe": srdedupe}[peer](records)
    print({"peer": peer, "set": path.stem, "without": without, **metrics(records, groups), "seconds": round(time.time() - started, 1)})
