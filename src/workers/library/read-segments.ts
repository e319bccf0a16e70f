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
 * Reads segments.
 *
 * @param onSegment Is given those that are as they were written.
 * @returns the numbers of those that are there and are not.
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
  // Another tab may have put them together with others.
  const left = new Set(await segmentNumbers(store, model))
  return unread.filter((number) => left.has(number))
}

/** Reads segments' codes. @returns the numbers of those that are missing or not as they were written. */
export async function readCodes(
  store: IndexStore,
  model: ModelStamp,
  numbers: readonly number[],
  onCodes: (stored: SegmentCodes, codes: VectorCodes) => void,
): Promise<number[]> {
  const lacking: number[] = []
  await store.readCodes(modelKey(model), numbers, (stored, number) => {
    const codes = stored && intactCodes(stored, model.dimension)
    if (codes) onCodes(stored, codes)
    else lacking.push(number)
  })
  return lacking
}
