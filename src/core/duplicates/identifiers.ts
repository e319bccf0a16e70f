import type { Paper } from '../papers/paper.js'
import { cleanText } from '../papers/text/clean-text.js'
import { foldCase } from './fold-text.js'

/** DOI, arXiv id and the like of a paper, prepared for comparison. */
export interface PreparedIdentifiers {
  /** Without version; empty if unknown or cut off. */
  doi: string
  /** The version that the DOI names, such as `2`; empty if it names none. */
  doiVersion: string
  pmid: string
  /** Without version. */
  arxivId: string
  /** The number of a Cochrane review, which all its versions share: `cd001234`. */
  cochrane: string
}

/** Registrants of platforms that give each version of a paper a DOI of its own. */
const VERSIONED: readonly RegExp[] = [
  /^(10\.(?:12688|21956|15694|3310)\/[a-z\d]+\.\d+)\.(\d+)$/,
  /^(10\.(?:1101|64898)\/[\d.]+)v(\d+)$/,
  /^(10\.(?:20944|21203|26434|31219|31234|31235|36227|22541|35542)\/.+?)[._/-]?v(\d+)$/,
]

/** A DOI in lower case, without resolver, escapes, query, view and trailing punctuation; empty if the text has none. */
export function prepareDoi(raw: string): string {
  const found = unescaped(cleanText(raw).toLowerCase()).match(/10\.\d{4,9}\/\S+/)?.[0] ?? ''
  let doi = found
    .replaceAll('\\', '')
    .replace(/[?#].*$/, '')
    .replace(/;jsessionid.*$/, '')
    .replace(/\/(?:abstract|full|fulltext|pdf|epdf|meta|summary|html)$|\.pdf$|(?:\.full)?(?:-text|\.pdf)$/, '')
    .replace(/[.,;:'"]+$/, '')
  // A bracket belongs to a DOI only if it was opened in it.
  for (const [open, close] of ['()', '[]', '<>']) while (doi.endsWith(close!) && !doi.includes(open!)) doi = doi.slice(0, -1)
  return doi.replace(/[.,;]+$/, '')
}

function unescaped(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text
  } catch {
    return text
  }
}

/** What follows the slash of a cut DOI is a publisher's letters at most: `10.1016/j`. */
const isCut = (doi: string) => !/\d/.test(doi.slice(doi.indexOf('/') + 1)) && doi.length - doi.indexOf('/') < 8

export function prepareIdentifiers(paper: Paper): PreparedIdentifiers {
  const whole = prepareDoi(paper.doi ?? '')
  const versioned = VERSIONED.map((pattern) => whole.match(pattern)).find(Boolean)
  const doi = versioned?.[1] ?? whole
  const arxiv =
    paper.arxivId ||
    whole.match(/^10\.48550\/arxiv\.(.+)$/)?.[1] ||
    `${paper.venue ?? ''} ${paper.url ?? ''}`.match(
      /arxiv(?:\.org\/(?:abs|pdf)\/|[ :]*|.*\babs\/)(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})/i,
    )?.[1]
  const pages = foldCase(paper.pages ?? '')
  return {
    doi: isCut(doi) ? '' : doi,
    doiVersion: versioned?.[2] ?? '',
    pmid: (paper.pmid ?? '').replaceAll(/\D/g, '').replace(/^0+/, ''),
    arxivId: foldCase(arxiv ?? '')
      .replace(/^arxiv:\s*/, '')
      .replace(/v\d+$/, ''),
    cochrane: (whole.match(/^10\.1002\/14651858\.((?:cd|mr|ed)\d{6})/) ?? pages.match(/^((?:cd|mr)\d{6})/))?.[1] ?? '',
  }
}
