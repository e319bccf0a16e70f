"""Embeds papers on Apache Spark, each partition through `specter2-web embed - --out -`.

    spark-submit spark.py papers.jsonl vectors.parquet --model /models/specter2

Spark retries the partitions of an executor that dies, and its committer lets each partition's rows appear once. Every machine
needs Node, the package and the model folder. The columns are those of the package's own Parquet files.
"""
import argparse
import json
import subprocess
import threading

import pandas
from pyspark.sql import SparkSession

COLUMNS = "id string, title string, abstract string, fields string, vector array<float>"


def embed_with(command):
    def embed(batches):
        filter_ = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        failed = []
        lines_in = 0

        def feed():
            nonlocal lines_in
            try:
                with filter_.stdin:
                    for batch in batches:
                        for line in batch["value"]:
                            if line.strip():
                                filter_.stdin.write(line.encode() + b"\n")
                                lines_in += 1
            except BaseException as error:
                failed.append(error)

        # A thread, because the filter answers while it reads.
        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        lines_out, rows = 0, []
        for line in filter_.stdout:
            paper = json.loads(line)
            row = {name: paper.pop(name, None) for name in ("id", "title", "abstract", "vector")}
            rows.append({**row, "fields": json.dumps(paper, ensure_ascii=False)})
            lines_out += 1
            if len(rows) == 1000:
                yield pandas.DataFrame(rows)
                rows = []
        feeder.join()
        # An error here makes Spark retry the partition.
        if filter_.wait() != 0 or failed or lines_in != lines_out:
            raise RuntimeError(f"{command}: exit {filter_.returncode}, {lines_in} lines in, {lines_out} out, {failed}")
        if rows:
            yield pandas.DataFrame(rows)

    return embed


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("papers")
    arguments.add_argument("vectors")
    arguments.add_argument("--model", default="minilm")
    arguments.add_argument("--threads", default="1", help="of a task; as many as spark.task.cpus")
    arguments.add_argument("--partition-mb", type=int, default=16, help="of papers; a lost partition is embedded again")
    arguments.add_argument("--command", default="npx specter2-web")
    options = arguments.parse_args()
    command = [*options.command.split(), "embed", "-", "--out", "-", "--model", options.model, "--threads", options.threads]
    spark = SparkSession.builder.appName("specter2-web").getOrCreate()
    spark.conf.set("spark.sql.files.maxPartitionBytes", options.partition_mb * 2**20)
    # Reading files is deterministic, so that a partition that is retried has the same lines; a repartition() need not be.
    lines = spark.read.text(options.papers)
    lines.mapInPandas(embed_with(command), COLUMNS).write.mode("overwrite").parquet(options.vectors)
