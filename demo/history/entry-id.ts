let count = 0

/**
 * An id for an entry of a log, and its time: ids ascend with time, and within a millisecond with the count; other tabs have another random
 * part.
 *
 * @param after Time of the entry before, in milliseconds since 1970: clocks may be set back.
 */
export function newEntry(after = 0): { id: string; at: number } {
  const at = Math.max(Date.now(), after)
  const random = Math.random().toString(36).slice(2, 8)
  return { id: `${at.toString(36).padStart(9, '0')}-${(count++).toString(36).padStart(4, '0')}-${random}`, at }
}
