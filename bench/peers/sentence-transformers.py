"""Papers a second of sentence-transformers on PyTorch, for the texts of `bench --suite node`.

    python3 -m venv peers && peers/bin/pip install sentence-transformers==6.2.0
    peers/bin/python bench/peers/sentence-transformers.py DIR WEIGHTS [papers]
"""

import json
import statistics
import sys
import time

import torch
from sentence_transformers import SentenceTransformer

folder, weights, count = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 300
torch.set_num_threads(2)
model = SentenceTransformer(weights, device="cpu")
papers = [json.loads(line) for line in open(f"{folder}/scifact/corpus.jsonl", encoding="utf-8")][:count]
texts = [f"{paper['title']} {paper['text']}" for paper in papers]
model.encode(texts[:64], batch_size=32)
rounds = []
for _ in range(3):
    clock, cpu = time.perf_counter(), time.process_time()
    model.encode(texts, batch_size=32)
    rounds.append((count / (time.perf_counter() - clock), time.process_time() - cpu))
rate, cpu = (statistics.median(column) for column in zip(*rounds))
print({"name": "sentence-transformers, fp32", "papers": count, "papersPerSecond": round(rate, 1), "cpuSeconds": round(cpu, 1)})
