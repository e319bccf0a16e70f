import type { ComparedField, PairEvidence, Rule, Veto } from '../../src/core/duplicates/index.js'

export const FIELD_NAMES: Readonly<Record<ComparedField | 'url' | 'keywords' | 'type', string>> = {
  title: 'title',
  authors: 'authors',
  year: 'year',
  venue: 'venue',
  volume: 'volume',
  issue: 'issue',
  pages: 'pages',
  doi: 'DOI',
  pmid: 'PMID',
  arxivId: 'arXiv id',
  abstract: 'abstract',
  url: 'link',
  keywords: 'keywords',
  type: 'type',
}

const RULES: Readonly<Record<Rule, string>> = {
  'same-identifier': 'An identifier and the title agree',
  'same-title-and-place': 'Title, and volume or pages, agree',
  'same-title-and-authors': 'Title and authors agree',
  'same-title': 'The title agrees, the rest is inconclusive',
  'part-of-title': 'One title is part of the other',
  'similar-title': 'The titles are variants of each other',
  'translated-title': 'Titles in two languages, at the same place, by the same authors',
  'printed-again': 'The same text, reprinted',
  'other-title-same-place': 'A different title at the same place, by the same authors',
  'too-little': 'There is too little evidence',
}

const VETOES: Readonly<Record<Veto, string>> = {
  'different-identifier': 'each has its own identifier',
  'different-place': 'the pages or the volume differ: another part, edition or reprint',
  'different-number': 'numbers in the titles differ, such as parts or years',
  'different-words': 'the titles differ in a word that changes the meaning',
  'different-title': 'the titles differ',
  'different-authors': 'the authors differ',
  notice: 'one is an erratum, reply or comment on the other',
  heading: 'the title is a recurring heading, such as “Editorial”',
  'meeting-and-article': 'one is a meeting abstract, the other the article',
  'different-kind': 'one is a thesis, a data set or a registry’s record',
  'other-version': 'they are two versions of a review',
  'shared-doi': 'one DOI covers a whole supplement',
  'preprint-and-published': 'one is the preprint, the other the published version',
  decision: 'you decided that they differ',
}

export const ruleOf = ({ rule }: PairEvidence) => RULES[rule]

const percent = (share: number) => `${Math.round(share * 100)} %`

/** The evidence for and against a pair, in short sentences. */
export function evidenceSentences({ rule, veto, fields, titleSimilarity, authorSimilarity, distance }: PairEvidence): string[] {
  const named = (state: 'agree' | 'differ' | 'missing') =>
    (Object.keys(fields) as ComparedField[]).filter((field) => fields[field] === state).map((field) => FIELD_NAMES[field])
  const differing = named('differ')
  const missing = named('missing')
  return [
    `${RULES[rule]}.`,
    ...(veto ? [`Against it: ${VETOES[veto]}.`] : []),
    `Titles ${percent(titleSimilarity)} alike${authorSimilarity === null ? '' : `, ${percent(authorSimilarity)} of the authors in common`}.`,
    ...(differing.length > 0 ? [`Different: ${differing.join(', ')}.`] : []),
    ...(missing.length > 0 ? [`Missing in one or both: ${missing.join(', ')}.`] : []),
    ...(distance === null ? [] : [`In meaning, ${percent(distance)} as far apart as two papers usually are.`]),
  ]
}

export const confidenceText = (confidence: number) => `${percent(confidence)} sure that they are the same`
