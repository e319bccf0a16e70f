import { sha256Hex } from '../../core/sha256.js'
import type { PaperText } from '../../core/types.js'

/** 128 bits: enough that no two texts of a library collide by chance. */
const HEX_DIGITS = 32

/** Hash of a paper's title and abstract: all that its vector depends on besides the model. */
export async function contentHash({ title, abstract }: PaperText): Promise<string> {
  // Models read a missing abstract as an empty one.
  const text = JSON.stringify([title, abstract ?? ''])
  return (await sha256Hex(new TextEncoder().encode(text))).slice(0, HEX_DIGITS)
}
