const whole = new Intl.NumberFormat('en')

export function formatCount(count: number): string {
  return whole.format(count)
}

/** `1 paper`, `1,204 papers`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${whole.format(count)} ${count === 1 ? noun : plural}`
}

/** Decimal units, as browsers show downloads. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(bytes >= 1e8 ? 0 : 1)} MB`
  return bytes >= 1e3 ? `${Math.round(bytes / 1e3)} KB` : `${bytes} B`
}

/** `14.2 of 23.8 MB`. */
export function formatShareOfBytes(part: number, total: number): string {
  return total >= 1e6 ? `${(part / 1e6).toFixed(1)} of ${formatBytes(total)}` : `${formatBytes(part)} of ${formatBytes(total)}`
}

/** Papers a second, with a decimal below 10. */
export function formatRate(perSecond: number): string {
  return perSecond >= 10 ? whole.format(Math.round(perSecond)) : perSecond.toFixed(1)
}

export function formatSeconds(seconds: number): string {
  const rounded = Math.max(1, Math.round(seconds))
  if (rounded >= 3600) return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`
}

/** The first authors. */
export function shortAuthors(authors: readonly string[], count = 3): string {
  if (authors.length <= count) return authors.join(', ')
  return `${authors.slice(0, count).join(', ')} et al.`.replace('et al. et al.', 'et al.')
}

/** A file name made of letters and digits of any script. */
export function fileName(name: string): string {
  return (
    name
      .trim()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'papers'
  )
}

/** What the browser's storage refused, in the page's words: it has libraries, not indexes. */
const STORAGE: Readonly<Record<string, string>> = {
  QuotaExceededError:
    'The browser has no room left for this page. Empty the bin or delete libraries and models under Storage, or free space on the disk; then try again.',
  SecurityError: 'The browser blocks storage for this page. Leave the private window, or allow site data in its settings.',
  Deleted:
    'The browser closed this library’s storage while it was open, or its data was cleared. Open the library again to see what is still there.',
  Lost: 'The library was in memory only, and the part of the page that held it has ended. Open it again and add the papers again.',
  TimeoutError: 'The browser’s storage does not answer. Close other tabs of this page, then open the library again.',
}

/** Why storage failed, as a key of the sentences above; `null` if something else failed. */
export function storageReason(error: unknown): string | null {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: { reason?: unknown } }
  const reason = code === 'STORAGE_FAILED' ? details?.reason : (error as Error | null)?.name
  return typeof reason === 'string' && (code === 'STORAGE_FAILED' || reason === 'QuotaExceededError') ? reason : null
}

/** The error's own words; those of the library say what was found, what was expected and what to do. */
export function messageOf(error: unknown): string {
  const reason = storageReason(error)
  if (reason !== null) return STORAGE[reason] ?? `The browser’s storage failed (${reason}). Open the library again.`
  return error instanceof Error ? error.message : String(error)
}
