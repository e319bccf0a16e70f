import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import { modelKey } from '../../core/model-folder/model-stamp.js'
import type { VectorCodes } from '../../core/search/vector-codes.js'
import type { IndexStore, Segment, SegmentCodes } from './index-store.js'
import { isIntact } from './segment.js'
import { intactCodes } from './segment-codes.js'

/** Numbers of a model's segments, ascending. */
export async function segmentNumbers(store: IndexStore, model: ModelStamp): Promise<number[]> {
  const key = modelKey(model)
  const numbers = (await store.segmentIds()).filter((segment) => segment.model === key).map(({ number }) => number)
  return numbers.sort((a, b) => a - b)
}

/**
 * Reads segments and verifies their checksums.
 *
 * @param onSegment Called with every intact segment.
 * @returns the numbers of stored segments that are damaged.
 */
export async function readSegments(
  store: IndexStore,
  model: ModelStamp,
  numbers: readonly number[],
  onSegment: (segment: Segment) => void,
): Promise<number[]> {
  const unread: number[] = []
  await store.readSegments(modelKey(model), numbers, (segment, number) => {
    if (segment && isIntact(segment, model.dimension)) onSegment(segment)
    else unread.push(number)
  })
  if (unread.length === 0) return []
  // Segments that another tab has merged in the meantime are not damaged.
  const left = new Set(await segmentNumbers(store, model))
  return unread.filter((number) => left.has(number))
}

/** Reads segments' codes. @returns the numbers of segments whose codes are missing or damaged. */
export async function readCodes(
  store: IndexStore,
  model: ModelStamp,
  numbers: readonly number[],
  onCodes: (stored: SegmentCodes, codes: VectorCodes) => void,
): Promise<number[]> {
  const missing: number[] = []
  await store.readCodes(modelKey(model), numbers, (stored, number) => {
    const codes = stored && intactCodes(stored, model.dimension)
    if (codes) onCodes(stored, codes)
    else missing.push(number)
  })
  return missing
}
