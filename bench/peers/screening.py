"""The same simulations by ASReview's default model, ELAS u4: priors, seeds and figures as `evaluate --task screening` has them.

pip install asreview==3.0.8; python bench/peers/screening.py DIR [SEEDS]
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from asreview.learner import ActiveLearningCycle
from asreview.metrics import loss
from asreview.models.models import get_ai_config
from asreview.simulation.simulate import Simulate
from sklearn.utils import check_random_state

folder, seeds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10


def simulate(rows, seed):
    texts = pd.DataFrame([{name: row.get(name) or "" for name in ("title", "abstract")} for row in rows])
    included = np.array([int(row["included"]) for row in rows])
    np.random.seed(seed)
    cycle = ActiveLearningCycle.from_meta(get_ai_config("elas_u4")["value"])
    simulation = Simulate(texts, included, cycle, print_progress=False)
    for label in (1, 0):
        simulation.label(check_random_state(seed).choice(np.where(included == label)[0], 1, replace=False))
    started = time.perf_counter()
    simulation.review()
    seconds = time.perf_counter() - started
    order = included[simulation._results["record_id"].astype(int)]
    order = np.pad(order, (0, len(rows) - len(order)))
    found = np.cumsum(order)
    read = 1 + np.argmax(found >= math.ceil(0.95 * found[-1] - 1e-9))
    return {
        "wss95": (len(rows) - read) / len(rows) - 0.05,
        "recallAt10": found[len(rows) // 10 - 1] / found[-1],
        "loss": loss(order[2:].tolist()),
        "seconds": seconds,
    }


for file in sorted(folder.glob("*.jsonl")):
    rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    figures = pd.DataFrame([simulate(rows, seed) for seed in range(seeds)]).mean()
    print(json.dumps({"set": file.stem, "model": "ELAS u4", "start": "priors", **figures.round(4)}), flush=True)
