import { expect, test } from 'vitest'
import { areJoined, type Fields, pairsOf } from './testing.js'

// Pairs by cause that no rule was written for.
const base = {
  authors: [
    { family: 'Abiola', given: 'Kunle' },
    { family: 'Sørli', given: 'Marit' },
  ],
  year: 2009,
  venue: 'Archives of Soil Ecology',
} satisfies Fields
const P = { volume: '57', issue: '6', pages: '811-820' } satisfies Fields
const T = 'Earthworm abundance and nitrogen turnover in grazed pastures of the southern highlands'
const { pairs, R, d, s } = pairsOf(base)
const both = (title: string, x: string, y: string, fields: Fields = {}) =>
  [R(title.replace('%', x), fields), R(title.replace('%', y), fields)] as const

// Words that exclude each other part even what shares pages and DOI.
for (const [x, y] of [
  ['men', 'women'],
  ['boys', 'girls'],
  ['smokers', 'nonsmokers'],
  ['left-handed', 'right-handed'],
  ['adults', 'adolescents'],
  ['diabetic', 'non-diabetic'],
] as const) {
  d('opposites, one DOI', ...both('Winter muscle strength of % members of port families', x, y, { ...P, doi: '10.5555/cn.7' }))
  d('opposites, one place', ...both('Winter muscle strength of % members of port families', x, y, P))
}
d('opposites', ...both('Lebensqualität von % nach der Transplantation', 'Männern', 'Frauen', P))
d('opposites', ...both('退休码头工人%侧肢体肌肉力量研究', '左', '右', { ...P, doi: '10.5555/cn.8' }))
d('negation', ...both('Le pâturage améliore % la faune du sol', '', 'sans engrais', P))
d('numerals', ...both('ความแข็งแรงของกล้ามเนื้อคนงานท่าเรือ ตอนที่ %', '๑', '๒'))
d('numerals', ...both('Μυϊκή δύναμη των λιμενεργατών: μέρος %', 'Α', 'Β'))
d(
  'long titles that differ in the last word',
  ...both(`${T} of three countries in four seasons of ten dry years before and after the year %`, '1990', '1991'),
)

// Notices and papers before a trial.
for (const label of [
  '% (Retraction of vol 57, pg 811, 2009)',
  '%: rationale and design',
  '%: study design and rationale',
  '% (PORT): protocol',
  '%: design, methods and baseline characteristics of the PORT trial'.replace('design, methods', 'rationale, methods'),
])
  d('notice', R(label.replace('%', T)), R(T, P))
d('joint', R('Earthworms', { ...P }), R('Earthworms [several letters]', P))
s(
  'no notice',
  R('Sequence analysis: methods for the detection of worms', P),
  R('Sequence analysis: methods for the detection of worms'),
)
d('no notice', R('Sequence analysis: methods for worms'), R('Sequence analysis: methods for fungi'))

// Registries.
for (const [x, y] of [
  ['LBCTR2019010111', 'LBCTR2019010222'],
  ['HKUCTR-1401', 'HKUCTR-1402'],
  ['PHRR140101-000101', 'PHRR140101-000202'],
  ['ITMCTR2020000011', 'ITMCTR2020000022'],
  ['SNCTP000001111', 'SNCTP000002222'],
  ['ANYCTR2020/1', 'ANYCTR2020/2'],
] as const) {
  const registered = (number: string, title = T) =>
    R(title, { authors: [], venue: 'WHO ICTRP', url: `https://trialsearch.who.int/Trial2.aspx?TrialID=${number}` })
  d('two trials', registered(x), registered(y))
  s('one trial', registered(x), registered(x, 'Worms of the highlands'))
}
d('review register', R(T, { venue: 'PROSPERO', url: 'https://www.crd.york.ac.uk/PROSPERO/view/CRD42020111222' }), R(T, P))

// Identifiers.
s(
  'escaped DOI',
  R(T, { year: 2008, doi: '10.1002/(SICI)1097-0142(19980101)82:1&lt;1::AID-CNCR1&gt;3.0.CO;2-L' }),
  R(T, { ...P, doi: '10.1002/(sici)1097-0142(19980101)82:1<1::aid-cncr1>3.0.co;2-l' }),
)
d(
  'arXiv links',
  R(T, { venue: 'arXiv', arxivId: '', url: 'http://arxiv.org/abs/1401.00001v2' }),
  R(T, { venue: 'arXiv:1402.00002' }),
)
d(
  'wrong PMID',
  R('Hearing loss in ship engine rooms', { pmid: '24' }),
  R('Fatigue of crane drivers in three ports', { pmid: '24' }),
)

// Translations at one place or under one identifier, in languages with few or no frequent words.
const J = 'Earthworm abundance in grazed pastures'
for (const title of [
  'Liczebność dżdżownic na pastwiskach',
  'Početnost žížal na pastvinách',
  'Početnosť dážďoviek na pasienkoch',
  'Brojnost gujavica na pašnjacima',
  'Abundența râmelor în pășuni',
  'Kelimpahan cacing tanah di padang rumput',
  'Mật độ giun đất trên đồng cỏ',
  'Otlatılan meralarda solucan bolluğu',
  'Földigiliszták mennyisége legelőkön',
  'Abundància de cucs de terra en pastures',
  'Vihmausside arvukus karjamaadel',
  'Abundância de minhocas em pastagens pastejadas',
]) {
  s('translation, place', R(title, P), R(J, P))
  s('translation, DOI', R(title, { doi: '10.5555/ase.9' }), R(J, { doi: '10.5555/ase.9', ...P }))
}
s(
  'edition in another language',
  R('Abundancia de lombrices en pastizales', { ...P, venue: 'Suelos', doi: '10.5555/su.1' }),
  R(J, { ...P, venue: 'Suelos (English Edition)', doi: '10.5555/sue.1' }),
)
d(
  'one supplement page',
  R('Vers de terre des prairies', { ...P, pages: 'S8', issue: 'S1' }),
  R('Alpine carbon', { ...P, pages: 'S8', issue: 'S1' }),
)
s(
  'abbreviated journal',
  R(`[${J}]`, { ...P, venue: 'Z Bodenkd' }),
  R('Regenwurmdichte auf Weiden', { ...P, venue: 'Zeitschrift für Bodenkunde' }),
)

// Spelling.
for (const [x, y] of [
  ['Practising dentists, grey mould and licence defences', 'Practicing dentists, gray mold and license defenses'],
  ['Sceptical labourers of colourful neighbourhoods', 'Skeptical laborers of colorful neighborhoods'],
  ['Cheques, tyres and ploughs in one hundred and five factories', 'Checks, tires and plows in 105 factories'],
  ['Twenty-five years of dock medicine in two thousand ports', '25 years of dock medicine in 2000 ports'],
  ['The twenty-first congress of dock doctors', 'The 21st congress of dock doctors'],
  ['Nonsteroidal anti-inflammatory drugs in osteo-arthritis', 'Non-steroidal antiinflammatory drugs in osteoarthritis'],
  ['Under-reporting of over-use injuries', 'Underreporting of overuse injuries'],
  ['N2O fluxes from pastures: I. Field studies', 'N 2 O fluxes from pastures: 1. Field studies'],
  ['Der Einflu\\ss{} der Ern{\\"a}hrung auf Hafenarbeiter', 'Der Einfluß der Ernährung auf Hafenarbeiter'],
] as const)
  s('spelling', R(x, { volume: '57' }), R(y, { pages: '811-820' }))
d('numbers', ...both('% years of dock medicine', 'Twenty-five', 'Twenty-six'))
s(
  'a number',
  R('Soil report No. 5 of the highland districts', { doi: '10.5555/s.5' }),
  R('Soil report 5 of the highland districts', { doi: '10.5555/s.5' }),
)
d('another number', ...both('Soil report No. % of the highland districts', '5', '6'))
s('prices', R('Costs of $5 and $10 per worm in pastures'), R('Costs of $5 and $10 per worm in pastures', P))
s('names', R(T, { authors: [{ name: '张 伟' }, { name: '李 娜' }] }), R(T, { authors: [{ name: '张伟' }, { name: '李娜' }] }))
s('names', R(T, { authors: [{ name: 'Soil Survey Staff' }] }), R(T, P))

test.each(pairs)('%s, the same: %s', async (_, isSame, a, b) => {
  expect({ a: a.title, b: b.title, isSame: await areJoined(a, b) }).toEqual({ a: a.title, b: b.title, isSame })
})
