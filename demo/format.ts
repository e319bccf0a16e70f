import type { Metric } from '../src/index.js'
import type { Paper } from './library.js'

const whole = new Intl.NumberFormat('en')

/** `1 paper`, `1,204 papers`. */
export function countOf(count: number, noun: string): string {
  return `${whole.format(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Decimal units, as browsers show downloads. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`
  return bytes >= 1e3 ? `${Math.round(bytes / 1e3)} KB` : `${bytes} B`
}

/** `14.2 of 23.8 MB`. */
export function formatShareOfBytes(part: number, total: number): string {
  return total >= 1e6 ? `${(part / 1e6).toFixed(1)} of ${formatBytes(total)}` : `${formatBytes(part)} of ${formatBytes(total)}`
}

/** Papers a second, with a decimal only where it says something. */
export function formatRate(perSecond: number): string {
  return perSecond >= 10 ? whole.format(Math.round(perSecond)) : perSecond.toFixed(1)
}

export function formatSeconds(seconds: number): string {
  const rounded = Math.max(1, Math.round(seconds))
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`
}

/** A score as a number, with what it is in words. */
export function formatScore(score: number, metric: Metric): { text: string; words: string } {
  if (metric === 'cosine') return { text: score.toFixed(2).replace('-', '−'), words: `cosine similarity ${score.toFixed(3)}` }
  return { text: (-score).toFixed(score > -10 ? 2 : 1), words: `Euclidean distance ${(-score).toFixed(3)}` }
}

/** The first three authors. */
export function shortAuthors(authors: readonly string[]): string {
  if (authors.length <= 3) return authors.join(', ')
  return `${authors.slice(0, 3).join(', ')} et al.`.replace('et al. et al.', 'et al.')
}

export function doiUrl(doi: string): string {
  return `https://doi.org/${doi.split('/').map(encodeURIComponent).join('/')}`
}

/** Venue and year of a paper, as far as they are known. */
export function venueAndYear({ venue, year }: Paper): string {
  return [venue, year].filter((part) => part !== null).join(', ')
}
