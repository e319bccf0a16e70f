#!/usr/bin/env bash
# Embeds papers as an array of Slurm jobs: sbatch --array=1-64 slurm.sh papers.jsonl vectors/ --model /models/specter2
#
# A job that was preempted or ran out of time is requeued and goes on where it stopped; SIGTERM comes a minute before the end.
#SBATCH --job-name=embed
#SBATCH --cpus-per-task=8
#SBATCH --mem=4G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail
papers=$1 vectors=$2
shift 2
exec srun npx specter2-web embed "$papers" --out "$vectors/" --format parquet \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --skip-existing --threads "$SLURM_CPUS_PER_TASK" "$@"
