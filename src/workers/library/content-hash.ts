import { sha256Hex } from '../../core/sha256.js'
import type { PaperText } from '../../core/types.js'

/** 128 bits: no two texts of any library share them by chance. */
const HEX_DIGITS = 32

/** What a paper's vector depends on besides the model: its title and abstract, hashed. */
export async function contentHash({ title, abstract }: PaperText): Promise<string> {
  // Models read a missing abstract as an empty one.
  const text = JSON.stringify([title, abstract ?? ''])
  return (await sha256Hex(new TextEncoder().encode(text))).slice(0, HEX_DIGITS)
}
