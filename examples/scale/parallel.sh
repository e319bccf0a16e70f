#!/usr/bin/env bash
# Embeds papers on the cores of one machine, or of several (parallel --sshloginfile), by GNU parallel.
#
#   ./parallel.sh papers.jsonl vectors/ --model /models/specter2
#
# If it is interrupted, run it again: shards that exist are skipped, and one that was begun goes on where it stopped.
set -euo pipefail
papers=$1 vectors=$2
shift 2
shards=${SHARDS:-16}
seq "$shards" | parallel --jobs "${JOBS:-100%}" --halt soon,fail=1 --retries 3 \
  npx specter2-web embed "$papers" --out "$vectors/" --format parquet --shard "{}/$shards" --skip-existing --threads 1 "$@"
