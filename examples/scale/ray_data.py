"""Embeds papers on Ray Data: as many actors as asked for, each with a filter that keeps its model.

    python ray_data.py papers.jsonl vectors/ --model /models/specter2 --actors 16
"""
import argparse
import json
import subprocess
import threading

import pandas
import ray


class Embedder:
    def __init__(self, command):
        self.filter = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, batch):
        lines = [line for line in batch["text"] if line.strip()]

        def feed():
            self.filter.stdin.write("".join(f"{line}\n" for line in lines).encode())
            self.filter.stdin.flush()

        # A thread, because the filter answers while it reads.
        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        papers = [json.loads(self.filter.stdout.readline()) for _ in lines]
        feeder.join()
        columns = {name: [paper.pop(name, None) for paper in papers] for name in ("id", "title", "abstract", "vector")}
        return pandas.DataFrame({**columns, "fields": [json.dumps(paper, ensure_ascii=False) for paper in papers]})


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("papers")
    arguments.add_argument("vectors")
    arguments.add_argument("--model", default="minilm")
    arguments.add_argument("--threads", default="1")
    arguments.add_argument("--actors", type=int, default=2)
    arguments.add_argument("--command", default="npx specter2-web")
    options = arguments.parse_args()
    command = [*options.command.split(), "embed", "-", "--out", "-", "--model", options.model, "--threads", options.threads]
    papers = ray.data.read_text(options.papers)
    vectors = papers.map_batches(
        Embedder,
        fn_constructor_args=(command,),
        batch_size=256,
        batch_format="pandas",
        concurrency=options.actors,
        num_cpus=int(options.threads),
    )
    vectors.write_parquet(options.vectors)
