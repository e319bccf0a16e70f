const SIZE = 624
const PERIOD = 397

/**
 * NumPy's `RandomState(seed).choice(count, 1, replace=False)`, which draws the priors of ASReview's simulations: the first of a
 * permutation by the Mersenne Twister (Matsumoto and Nishimura 1998).
 */
export function numpyChoice(count: number, seed: number): number {
  const next = mersenneTwister(seed)
  const places = Uint32Array.from({ length: count }, (_, place) => place)
  for (let last = count - 1; last > 0; last--) {
    const mask = 2 ** (32 - Math.clz32(last)) - 1
    let other: number
    do other = (next() & mask) >>> 0
    while (other > last)
    const held = places[last]!
    places[last] = places[other]!
    places[other] = held
  }
  return places[0]!
}

/** Whole numbers below 2^32. */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(SIZE)
  state[0] = seed
  for (let at = 1; at < SIZE; at++) {
    const before = state[at - 1]!
    state[at] = Math.imul(1812433253, before ^ (before >>> 30)) + at
  }
  let used = SIZE
  return () => {
    if (used === SIZE) {
      for (let at = 0; at < SIZE; at++) {
        const mixed = (state[at]! & 0x80000000) | (state[(at + 1) % SIZE]! & 0x7fffffff)
        state[at] = state[(at + PERIOD) % SIZE]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
      }
      used = 0
    }
    let value = state[used++]!
    value ^= value >>> 11
    value ^= (value << 7) & 0x9d2c5680
    value ^= (value << 15) & 0xefc60000
    return (value ^ (value >>> 18)) >>> 0
  }
}
