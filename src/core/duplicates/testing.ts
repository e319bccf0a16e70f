import type { Author, Paper } from '../papers/paper.js'
import { findDuplicates } from './find-duplicates.js'

/** Complete records of invented articles in several fields, with titles of 6 to 18 words. */
const ARTICLES: readonly (readonly [title: string, authors: string, venue: string, abbreviated: string, place: string])[] = [
  [
    'Long-term outcomes of cognitive therapy for depressed adults: a randomised trial in primary care',
    'Hartley, Susan M|Okafor, Chidi|van der Linden, Pieter J|Bianchi, Laura',
    'Journal of Affective Disorders',
    'J Affect Disord',
    '142 3 217-226',
  ],
  [
    'Expression of interleukin-6 predicts recurrence after resection of hepatocellular carcinoma',
    'Nakamura, Takeshi|Ferreira, Ana P|Lindqvist, Erik',
    'British Journal of Cancer',
    'Br J Cancer',
    '98 11 1820-1828',
  ],
  [
    'Effects of β-blockers on mortality in patients with chronic heart failure: systematic review',
    'Müller, Jörg|Novák, Petr|Øster, Kåre|Smith, A B|Dupont, Élodie',
    'European Heart Journal',
    'Eur Heart J',
    '31 5 556-567',
  ],
  [
    'Soil moisture controls the response of temperate grasslands to elevated carbon dioxide',
    'Greenwood, Oliver|Sato, Mika|Adeyemi, Tunde',
    'Global Change Biology',
    'Glob Chang Biol',
    '19 8 2511-2523',
  ],
  [
    'Deep residual features improve the segmentation of white matter lesions in magnetic resonance images',
    'Kowalski, Jan|Petrov, Ivan S|Chen, Li',
    'NeuroImage',
    'Neuroimage',
    '183 2 650-661',
  ],
  [
    'Self-management education for adults with type 2 diabetes in rural districts of Kenya',
    'Mwangi, Grace W|O’Brien, Sean|Haddad, Layla|Kim, Min-Jun',
    'Diabetes Research and Clinical Practice',
    'Diabetes Res Clin Pract',
    '77 1 85-93',
  ],
  [
    'Prevalence of tuberculosis among household contacts of newly diagnosed patients',
    'Rahman, Fazlur|Silva, Carlos E',
    'International Journal of Tuberculosis and Lung Disease',
    'Int J Tuberc Lung Dis',
    '12 9 1039-1045',
  ],
  [
    'Why do freelancers stay? Trust, reputation and switching costs on digital labour platforms',
    'Lehmann, Katrin|Osei, Kwame|Wang, Xiaoyu',
    'Information Systems Journal',
    'Inf Syst J',
    '30 4 671-704',
  ],
  [
    'Rehabilitation of the upper limb after stroke with robot-assisted training',
    'Moretti, Paolo|Johansson, Birgitta|Alvarez, Miguel A',
    'Neurorehabilitation and Neural Repair',
    'Neurorehabil Neural Repair',
    '25 6 533-541',
  ],
  [
    'A note on the stability of thin films under periodic shear',
    'Dubois, Marc|Tanaka, Hiroshi',
    'Journal of Fluid Mechanics',
    'J Fluid Mech',
    '721 2 44-59',
  ],
]

/** A complete record, and the abbreviated name of its venue. */
export interface Article {
  paper: Paper
  abbreviated: string
}

export const articles: readonly Article[] = ARTICLES.map(([title, names, venue, abbreviated, place], index) => {
  const [volume, issue, pages] = place.split(' ') as [string, string, string]
  const authors: Author[] = names.split('|').map((name) => {
    const [family, given] = name.split(', ')
    return { family: family!, given: given! }
  })
  const abstract = `Background. ${title} is what we studied in cohort ${index + 1}, of ${300 + 17 * index} units in ${index + 2} places. We measured it for ${index + 3} years and found what we had expected, with wide intervals.`
  const paper = {
    id: `paper-${index}`,
    title,
    authors,
    abstract,
    year: 2008 + index,
    venue,
    volume,
    issue,
    pages,
    doi: `10.1234/ex.${index}`,
  }
  return { paper, abbreviated }
})

/** A copy of a paper with some fields changed; `undefined` removes a field. */
export function change(paper: Paper, changes: { [Field in keyof Paper]?: Paper[Field] | undefined }): Paper {
  const changed = { ...paper, id: `${paper.id}-changed`, ...changes }
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as unknown as Paper
}

/** Fields of a record, for {@link pairsOf}. */
export type Fields = { [Field in keyof Paper]?: Paper[Field] | undefined }

/** Collects pairs of records with the fields of `base`: distinct ones and records of the same paper, each with its kind. */
export function pairsOf(base: Fields) {
  const pairs: [kind: string, isSame: boolean, a: Fields, b: Fields][] = []
  return {
    pairs,
    R: (title: string, fields: Fields = {}): Fields => ({ title, ...base, ...fields }),
    d: (kind: string, a: Fields, b: Fields) => pairs.push([kind, false, a, b]),
    s: (kind: string, a: Fields, b: Fields) => pairs.push([kind, true, a, b]),
  }
}

/** Whether the default preset joins two records, which it must find first. */
export async function areJoined(a: Fields, b: Fields): Promise<boolean> {
  const toPaper = (fields: Fields, id: string) =>
    Object.fromEntries(Object.entries({ ...fields, id }).filter(([, value]) => value !== undefined)) as unknown as Paper
  return (await findDuplicates([toPaper(a, 'a'), toPaper(b, 'b')])).groups.length === 1
}
