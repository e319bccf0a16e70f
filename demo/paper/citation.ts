import type { PaperRecord } from '../../src/index.js'
import { shownPaper, text } from '../session/shown-paper.js'

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

const doiUrl = (doi: string) => `https://doi.org/${encodePath(doi)}`

/** Links to the paper, from its record. */
export function linksOf(record: PaperRecord): { text: string; href: string }[] {
  const { doi, pmid, arxivId, url } = shownPaper(record)
  const links: { text: string; href: string }[] = []
  if (doi) links.push({ text: `DOI ${doi}`, href: doiUrl(doi) })
  if (pmid) links.push({ text: `PubMed ${pmid}`, href: `https://pubmed.ncbi.nlm.nih.gov/${encodePath(pmid)}/` })
  if (arxivId) links.push({ text: `arXiv ${arxivId}`, href: `https://arxiv.org/abs/${encodePath(arxivId)}` })
  if (url && !(doi && /^https?:\/\/(dx\.)?doi\.org\//.test(url))) links.push({ text: new URL(url).host, href: url })
  return links
}

/** A reference as text: authors (year). title. venue, volume(issue), pages. DOI or URL. */
export function citationOf(record: PaperRecord): string {
  const { authors, year, title, venue, doi, url } = shownPaper(record)
  const [volume, issue, pages] = [record.volume, record.issue, record.pages].map(text)
  const numbers = volume ? `${volume}${issue ? `(${issue})` : ''}` : (issue ?? '')
  const place = [venue, numbers, pages].filter(Boolean).join(', ')
  const names =
    authors.at(-1) === 'et al.'
      ? authors.join(', ')
      : authors.length > 1
        ? `${authors.slice(0, -1).join(', ')} & ${authors.at(-1)}`
        : authors[0]
  const parts = [
    `${names ?? ''} (${year ?? 'n.d.'}).`.trim(),
    /[.?!]$/.test(title) ? title : `${title}.`,
    place && `${place}.`,
    doi ? doiUrl(doi) : (url ?? ''),
  ]
  return parts.filter(Boolean).join(' ')
}
