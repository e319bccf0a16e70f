import { GROUP_TOKENS } from '../../engine/encoder/wasm-encoder.js'

/** Texts in a batch; more are no faster. */
const MAX_TEXTS = 32

/**
 * Tokens in a batch, padding included: enough to keep a GPU busy, few enough for a query, which waits for one batch. The
 * attention scores, the largest tensor of a run (12 heads x 512 tokens x 4 bytes for each token), stay at 100 MB, below the
 * 128 MiB that every WebGPU implementation can bind.
 */
const MAX_TOKENS = 4096

/** Largest difference in tokens within a batch: a run of a few short texts costs as much as this padding. */
const MAX_PADDING = 64

/**
 * Groups texts of similar length into batches for the GPU, longest first. On the CPU transformers.js runs texts one by one: there
 * batches gain nothing and padding costs time.
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

/**
 * Groups texts for the own encoder, which lays them end to end without padding: short ones run faster together, and their vectors
 * are the same.
 *
 * @param lengths Tokens of each text.
 * @returns positions in `lengths`, in order.
 */
export function planGroups(lengths: readonly number[]): number[][] {
  const groups: number[][] = []
  let tokens = 0
  for (const [index, length] of lengths.entries()) {
    tokens += length
    if (index > 0 && tokens <= GROUP_TOKENS) groups.at(-1)!.push(index)
    else {
      groups.push([index])
      tokens = length
    }
  }
  return groups
}
