import type { PaperRecord } from '../../src/index.js'
import { shownPaper } from '../session/shown-paper.js'
import { element, outsideLink } from '../ui/dom.js'
import { shortAuthors } from '../ui/format.js'
import { cutAtWords, type OwnWords } from './own-words.js'
import type { Answer } from './screening-log.js'

const SAID = { include: 'Included', exclude: 'Excluded', maybe: 'Maybe', skip: 'Skipped' } as const

/** What was decided about a paper, in words. */
export function decisionText({ verdict, reason, by }: Pick<Answer, 'verdict' | 'reason' | 'by'>): string {
  return `${SAID[verdict]}${reason ? `: ${reason}` : ''}${by ? `, ${by}` : ''}`
}

/** The paper to be screened, with the reader's own words marked. @param answer What was decided about it before. */
export function paperCard(record: PaperRecord, words: { for: OwnWords; against: OwnWords }, answer?: Answer): HTMLElement {
  const { title, authors, year, venue, abstract, doi, url } = shownPaper(record)
  const marked = (text: string) =>
    cutAtWords(text, words.for, words.against).map((piece) =>
      piece.kind === null ? piece.text : element('mark', { class: piece.kind }, piece.text),
    )
  const facts = [shortAuthors(authors, 6), venue ?? '', year === null ? '' : String(year)].filter(Boolean)
  const href = doi ? `https://doi.org/${doi}` : url
  return element(
    'article',
    { class: 'screening-paper', 'aria-labelledby': 'screening-title' },
    element('h2', { id: 'screening-title', tabindex: '-1', dir: 'auto' }, ...marked(title)),
    element('p', { class: 'meta' }, facts.join(' · '), href && ' · ', href && outsideLink(href, doi ?? 'Link')),
    answer && element('p', { class: 'hint screening-before' }, `${decisionText(answer)}. Decide again to change it.`),
    abstract
      ? element('p', { class: 'abstract', dir: 'auto' }, ...marked(abstract))
      : element('p', { class: 'hint' }, 'This record has no abstract.'),
  )
}
