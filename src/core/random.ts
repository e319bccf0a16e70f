/** Random numbers in [0, 1) from a seed: mulberry32. For folds and orders, not for secrets. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Puts values into a random order, in place (Fisher and Yates). */
export function shuffle(values: Uint32Array | unknown[], random: () => number): void {
  for (let last = values.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1))
    const held = values[last]!
    values[last] = values[at]!
    values[at] = held
  }
}
