/** Texts that run on the GPU at once; more bring nothing. */
const MAX_TEXTS = 32

/**
 * Tokens of a batch, padding included. Full enough for a GPU; a query waits for one batch; and attention scores, the
 * largest tensor of a run (12 heads x 512 tokens x 4 bytes for each token), stay at 100 MB, below the 128 MiB that
 * every WebGPU binds.
 */
const MAX_TOKENS = 4096

/** Near-equal: a run of a few short texts costs as much as so many tokens of padding, so finer batches bring nothing. */
const MAX_PADDING = 64

/**
 * Groups texts of near-equal length into batches for the GPU, longest first. On the CPU nothing is batched: there padding
 * costs and batches bring nothing.
 *
 * @param lengths Tokens of each text.
 * @returns positions in `lengths`, each once.
 */
export function planBatches(lengths: readonly number[]): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]!)
  const batches: number[][] = []
  let longest = 0
  for (const index of order) {
    const tokens = lengths[index]!
    const batch = batches.at(-1)
    const isFull = !batch || batch.length === MAX_TEXTS || (batch.length + 1) * longest > MAX_TOKENS
    if (isFull || longest - tokens > MAX_PADDING) {
      batches.push([index])
      longest = tokens
    } else batch.push(index)
  }
  return batches
}
