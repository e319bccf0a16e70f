import { expect, test } from 'vitest'
import { areJoined, type Fields, pairsOf } from './testing.js'

// Pairs by cause, most of them poor records, in many languages.
const base = {
  authors: [
    { family: 'Lindgren', given: 'Maja' },
    { family: 'Okafor', given: 'Chidi' },
    { family: 'Rossi', given: 'P.' },
  ],
  year: 2015,
  venue: 'Annals of Renal Care',
} satisfies Fields
const P = { volume: '21', issue: '4', pages: '301-309' } satisfies Fields
const { pairs, R, s } = pairsOf(base)
const T = 'Home haemodialysis and survival of older adults in three provinces'

s(
  'K',
  R('Non-invasive ventilation in well-being programmes of the elderly', { doi: '10.1/x' }),
  R('Noninvasive ventilation in wellbeing programs of the elderly', P),
)
s(
  'british',
  R('Randomised trial of haemodialysis in anaemic paediatric patients with oedema'),
  R('Randomized trial of hemodialysis in anemic pediatric patients with edema'),
)
s(
  'british2',
  R('Behavioural counselling, labour and catheterisation in tumour centres', { volume: '21' }),
  R('Behavioral counseling, labor and catheterization in tumor centers', { pages: '301-309' }),
)
s(
  'numbers',
  R('Two doses of vaccine in dialysis: phase II trial', { volume: '21' }),
  R('2 doses of vaccine in dialysis: phase 2 trial'),
)
s(
  'numbers',
  R('Stage three kidney disease and survival of elderly men'),
  R('Stage III kidney disease and survival of elderly men'),
)
s('retracted', R(`RETRACTED: ${T}`, { doi: '10.1000/r.1' }), R(T, { doi: '10.1000/r.1' }))
s('retracted', R(`Retracted article: ${T}`, P), R(T, P))
s('retracted', R(`WITHDRAWN: ${T}`, P), R(T, P))
s('retracted', R(`${T} [Retracted]`, P), R(T, P))
s('erratum appears', R(`${T}. [Erratum appears in Ann Ren Care. 2016;22(1):99]`, P), R(T, { volume: '21' }))
s('erratum appears', R(`${T} [published erratum appears in Ann Ren Care 2016 Jan;22(1):99]`), R(T))
s('correction two forms', R(`Erratum: ${T}`, { ...P, pages: '499' }), R(`${T} (vol 21, pg 301, 2015)`, { ...P, pages: '499' }))
s('correction two forms', R(`Correction to: ${T}`, { doi: '10.1000/c.9' }), R(`Correction: ${T}`, { doi: '10.1000/c.9' }))
s(
  'translation',
  R('Hämodialyse zu Hause und das Überleben alter Menschen in drei Provinzen', { ...P, venue: 'Annals of Renal Care' }),
  R(T, P),
)
s(
  'translation',
  R('[Home dialysis for elderly people of three regions]', P),
  R('Hemodiálisis domiciliaria y supervivencia de los adultos mayores en tres provincias', P),
)
s(
  'translation pmid',
  R('Hémodialyse à domicile et survie des adultes âgés dans trois provinces', { pmid: '12345678' }),
  R(T, { pmid: '12345678' }),
)
s(
  'translation doi',
  R('Hemodiálisis domiciliaria y supervivencia de los adultos mayores en tres provincias', { doi: '10.1000/t.1' }),
  R(T, { doi: '10.1000/t.1' }),
)
s(
  'translation ru',
  R('Домашний гемодиализ и выживаемость пожилых людей в трех провинциях', {
    ...P,
    authors: [{ name: 'Линдгрен М.' }, { name: 'Окафор Ч.' }, { name: 'Росси П.' }],
    venue: 'Нефрология',
  }),
  R(T, { ...P, venue: 'Nefrologiya' }),
)
s(
  'translation ja',
  R('三県における高齢者の在宅血液透析と生存', { ...P, authors: [{ name: '佐藤健二' }], venue: '日本透析医学会雑誌' }),
  R(T, { ...P, authors: [{ family: 'Sato', given: 'Kenji' }], venue: 'Nihon Toseki Igakkai Zasshi' }),
)
s(
  'translation pt',
  R('Hemodiálise domiciliar e sobrevida de idosos em três províncias', { ...P, venue: 'Anais de Nefrologia' }),
  R(T, { ...P, venue: 'Anais de Nefrologia' }),
)
s(
  'names',
  R(T, { authors: [{ family: 'Königsmann' }, { family: 'Sørensen' }] }),
  R(T, { authors: [{ family: 'Koenigsmann' }, { family: 'Soerensen' }] }),
)
s(
  'names short',
  R(T, { authors: [{ family: 'Gök' }, { family: 'Åby' }] }),
  R(T, { authors: [{ family: 'Goek' }, { family: 'Aaby' }] }),
)
s('names greek script', R(T, { authors: [{ name: 'Παπαδόπουλος Γ.' }] }), R(T, { authors: [{ name: 'Papadopoulos G.' }] }))
s(
  'names han',
  R('慢性肾脏病患者生活质量的多中心研究', { authors: [{ name: '欧阳 明' }] }),
  R('慢性肾脏病患者生活质量的多中心研究', { authors: [{ name: '欧阳明' }] }),
)
s(
  'versions',
  R(T, { venue: 'medRxiv', doi: '10.1101/2020.05.05.20091234v1' }),
  R(T, { venue: 'medRxiv', doi: '10.1101/2020.05.05.20091234v2' }),
)
s(
  'f1000',
  R(`${T} [version 1; referees: awaiting peer review]`, { venue: 'F1000Research', doi: '10.12688/f1000research.9999.1' }),
  R(`${T} [version 2; peer review: 2 approved]`, { venue: 'F1000Research', doi: '10.12688/f1000research.9999.2' }),
)
s('subtitle', R('Home haemodialysis and survival'), R('Home haemodialysis and survival: a registry study of three provinces'))
s('label', R(`Original Article: ${T}`), R(T))
s('label', R(`Artículo original. ${T}`), R(T))
s('label', R(`ORIGINAL RESEARCH - ${T}`), R(T))
s('abstract no', R(`OC-17. ${T}`, { volume: '21', issue: 'Suppl 1', pages: 'S17' }), R(T, { volume: '21', issue: 'S1' }))
s('early view', R(T, { year: 2014, doi: '10.1000/e.1' }), R(T, P))
s(
  'doi forms',
  R(T, { doi: 'https://doi.org/10.1002/(SICI)1097-4636(199823)43:4%3C338::AID-JBM16%3E3.0.CO;2-B', year: 2014 }),
  R(T, { ...P, doi: '10.1002/(sici)1097-4636(199823)43:4<338::aid-jbm16>3.0.co;2-b' }),
)
s('doi pdf', R('Home dialysis', { doi: '10.1000/xyz123/pdf' }), R('Home dialysis', { doi: '10.1000/xyz123' }))
s('slip', R('Home haemodialysis and survial of older adults in three provinces'), R(T))
s('jstor', R(T, { ...P, doi: '10.2307/999' }), R(T, { ...P, doi: '10.1111/renal.1' }))
s('greek', R('Effects of β-blockers and TGF-α on renal scarring'), R('Effects of beta-blockers and TGF-alpha on renal scarring'))
s('lost', R('Lebensqualit?t ?lterer M?nner mit Dialyse in M?nchen'), R('Lebensqualität älterer Männer mit Dialyse in München'))
s(
  'mojibake',
  R('QualitÃ© de vie aprÃ¨s greffe rÃ©nale chez les enfants'),
  R('Qualité de vie après greffe rénale chez les enfants'),
)
s(
  'entities',
  R('Survival &amp;lt;i&amp;gt;in vitro&amp;lt;/i&amp;gt; of renal cells &#x2013; a model'),
  R('Survival in vitro of renal cells - a model'),
)
s('caps', R(T.toUpperCase(), { authors: [{ name: 'LINDGREN M' }, { name: 'OKAFOR C' }, { name: 'ROSSI P' }] }), R(T))
s('han space', R('慢性肾脏病 患者生活质量的多中心研究'), R('慢性肾脏病患者生活质量的多中心研究'))
s('arabic', R('أثر الغسيل الكلوي المنزلي على بقاء كبار السن'), R('اثر الغسيل الكلوي المنزلي على بقاء كبار السن'))
s('korean space', R('만성신장병 환자의 삶의질에 관한 연구'), R('만성 신장병 환자의 삶의 질에 관한 연구'))
s('abbrev venue', R(T, { venue: 'Ann Ren Care' }), R(T))
s('no venue', R(T, { venue: undefined }), R(T))
s('no authors', R(T, { authors: [] }), R(T))

test.each(pairs)('%s, the same: %s', async (_, isSame, a, b) => {
  expect({ a: a.title, b: b.title, isSame: await areJoined(a, b) }).toEqual({ a: a.title, b: b.title, isSame })
})
