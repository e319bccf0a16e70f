/** An order-sensitive checksum of arrays and texts. Detects any single changed word, and misses other damage once in 2^32 times. */
export function checksumOf(arrays: readonly (Uint32Array | Float32Array)[], texts: readonly string[]): number {
  let sum = 0x811c9dc5
  for (const array of arrays) sum = mix(sum, checksumOfWords(new Uint32Array(array.buffer, array.byteOffset, array.length)))
  for (const byte of new TextEncoder().encode(texts.join('\n'))) sum = mix(sum, byte)
  return sum
}

/**
 * FNV-1a over 32-bit words, in four lanes because each step depends on the one before. Each step is one-to-one, so it always
 * detects a single changed word.
 */
function checksumOfWords(words: Uint32Array): number {
  let [a, b, c, d] = [0x811c9dc5, 0x2f0b4c47, 0x1b873593, 0x5bd1e995]
  const whole = words.length & ~3
  for (let index = 0; index < whole; index += 4) {
    a = Math.imul(a ^ words[index]!, 0x01000193)
    b = Math.imul(b ^ words[index + 1]!, 0x01000193)
    c = Math.imul(c ^ words[index + 2]!, 0x01000193)
    d = Math.imul(d ^ words[index + 3]!, 0x01000193)
  }
  for (let index = whole; index < words.length; index++) a = Math.imul(a ^ words[index]!, 0x01000193)
  return [a, b, c, d, words.length].reduce(mix, 0x811c9dc5)
}

function mix(sum: number, word: number): number {
  // Multiplying by FNV's prime alone never carries high bits into low ones.
  const mixed = Math.imul(sum ^ word, 0x01000193)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
