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
const { pairs, R, d, s } = pairsOf(base)
const pair = (title: string, x: string, y: string, a: Fields = {}, b: Fields = {}) =>
  [R(title.replace('%', x), a), R(title.replace('%', y), b)] as const
// A/B: companion words
for (const [t, x, y] of [
  ['Outcomes of % hip replacement in rural hospitals of the north', 'left', 'right'],
  ['Treatment with % in severe burns of hospital patients', 'dopamine', 'dobutamine'],
  ['Prevalence of malaria in % border villages after the war', 'Mali', 'Malawi'],
  ['Prevalence of anaemia in schoolchildren of % and its causes', 'Niger', 'Nigeria'],
  ['Hepatitis % in blood donors of the western provinces', 'B', 'C'],
  ['Survey of nurses working in % wards of public hospitals', 'day', 'night'],
  ['Efficacy of % inhibitors in refractory chronic urticaria', 'ACE', 'JAK'],
  ['Follow-up after % months of patients with total knee replacement', 'twelve', 'eighteen'],
  ['Report of the % working party on renal anaemia', 'eleventh', 'twelfth'],
  ['Epidemiologie des % im ländlichen Raum: eine Querschnittsstudie', 'Diabetes', 'Asthmas'],
  ['Lebensqualität von % nach Nierentransplantation in Bayern', 'Männern', 'Frauen'],
  ['Nierenversagen beim Erwachsenen. % Teil: Diagnostik', 'Erster', 'Zweiter'],
  ['Qualité de vie des % après transplantation rénale en Bretagne', 'hommes', 'femmes'],
  ['Insuffisance rénale chronique, % partie', 'première', 'troisième'],
  ['Calidad de vida en % con insuficiencia renal crónica', 'niños', 'ancianos'],
  ['Insuficiencia renal crónica (% parte)', 'primera', 'segunda'],
  ['Qualidade de vida de % em hemodiálise no nordeste', 'homens', 'mulheres'],
  ['Qualità della vita nei pazienti con nefropatia di tipo %', 'A', 'B'],
  ['Качество жизни больных с % почечной недостаточностью', 'острой', 'хронической'],
  ['Хроническая болезнь почек. Часть %', 'первая', 'вторая'],
  ['Хроническая болезнь почек у детей. Сообщение %', 'I', 'II'],
  ['%透析患者の生活の質に関する研究', '血液', '腹膜'],
  ['慢性肾脏病患者生活质量的研究（%）', '上', '下'],
  ['慢性腎臓病の疫学 第%報', '１', '２'],
  ['만성 신장병 환자의 삶의 질: % 환자를 중심으로', '남성', '여성'],
  ['جودة الحياة لدى % المصابين بالفشل الكلوي المزمن', 'الأطفال', 'البالغين'],
  ['איכות החיים של % עם אי ספיקת כליות כרונית', 'גברים', 'נשים'],
  ['कुपोषण से प्रभावित % में गुर्दे की बीमारी', 'पुरुषों', 'महिलाओं'],
  ['คุณภาพชีวิตของผู้ป่วย%ที่ฟอกไต', 'ชาย', 'หญิง'],
  ['Kronik böbrek hastalığı olan % yaşam kalitesi', 'erkeklerde', 'kadınlarda'],
  ['Jakość życia % z przewlekłą chorobą nerek', 'mężczyzn', 'kobiet'],
  ['Livskvalitet hos % med kronisk nyresvikt', 'menn', 'kvinner'],
  ['Kwaliteit van leven van % met nierfalen in Vlaanderen', 'mannen', 'vrouwen'],
  ['Renal care in the district, part %: methods of the survey', 'XVII', 'XVIII'],
  ['Vitamin % supplementation in dialysis patients with fractures', 'D2', 'D3'],
  ['The role of interleukin % in renal scarring of infants', '6', '8'],
  ['Effect of % on renal scarring in a rodent model', 'IL-6', 'IL-8'],
  ['Trends in dialysis: the % census of renal units', '2010', '2012'],
  ['% dialysis in the elderly: a comparison of two registries', 'Home', 'Hospital'],
  ['Screening for renal disease % pregnancy in remote clinics', 'before', 'after'],
  ['Screening for renal disease % urine dipsticks in clinics', 'with', 'without'],
  ['Renal scarring in % infants: a cohort from two cities', 'term', 'preterm'],
  ['Renal scarring in % infants: a cohort of two cities', 'symptomatic', 'asymptomatic'],
  ['%calcaemia after thyroid surgery in dialysis patients', 'Hyper', 'Hypo'],
  ['Use of % inhibitors in transplant recipients of both sexes', 'mTOR', 'SGLT2'],
  ['Exposure of renal cells to % for five days', 'cystine', 'cystamine'],
] as const)
  d('word', ...pair(t, x, y))
for (const [t, x, y] of [
  ['Outcomes of % hip replacement in rural hospitals', 'left', 'right'],
  ['Efficacy of % in gout of the elderly: trial results', 'allopurinol', 'oxypurinol'],
  ['Effect of % on renal scarring of newborn rats', 'losartan', 'valsartan'],
] as const) {
  d('word, one volume', ...pair(t, x, y, P, { ...P, pages: '310-318' }))
  d(
    'word, one supplement page',
    ...pair(t, x, y, { volume: '21', issue: 'Suppl 3', pages: 'S88' }, { volume: '21', issue: 'Suppl 3', pages: 'S88' }),
  )
  d(
    'word, one supplement DOI',
    ...pair(t, x, y, { doi: '10.1000/suppl.1', pages: 'A12' }, { doi: '10.1000/suppl.1', pages: 'A12' }),
  )
  d('word, own DOIs', ...pair(t, x, y, { doi: '10.1000/q.1' }, { doi: '10.1000/q.2' }))
}
d('inserted', R('Statins reduce mortality in dialysis patients'), R('Statins do not reduce mortality in dialysis patients'))
d(
  'inserted',
  R('Dialyse verbessert die Lebensqualität alter Menschen'),
  R('Dialyse verbessert die Lebensqualität alter Menschen nicht'),
)
d(
  'inserted',
  R('Predictors of renal scarring in infants with reflux'),
  R('Predictors of severe renal scarring in infants with reflux'),
)
d('inserted', R('La diálisis mejora la calidad de vida'), R('La diálisis no mejora la calidad de vida'))
const T = 'Home haemodialysis and survival of older adults in three provinces'
// identifiers
d('cut doi', R(T, { doi: '10.1016/j' }), R('Renal transplantation in children of migrants', { doi: '10.1016/j' }))
d('wrong doi', R(T, { doi: '10.1016/x.1' }), R('Renal transplantation in children of migrants', { doi: '10.1016/x.1' }))
d('arxiv', R(T, { arxivId: '2101.00001', venue: 'arXiv' }), R(T, { arxivId: '2101.00999', venue: 'arXiv' }))
d(
  'referee comments',
  R('Referee comment on the manuscript', {
    doi: '10.5194/x-RC1',
    abstract:
      'This is the comment of a referee on the manuscript that was submitted to the journal, in which the authors show what they have found in long years of work on soil.',
  }),
  R('Referee comment on the manuscript', {
    doi: '10.5194/x-RC2',
    abstract:
      'This is the comment of a referee on the manuscript that was submitted to the journal, in which the authors show what they have found in long years of work on soil.',
  }),
)
d(
  'dois differ, abstract same',
  R(T, {
    doi: '10.1000/a.1',
    abstract:
      'We followed four hundred and twelve adults on home haemodialysis in three provinces for ten years and compared their survival with those in hospital, by age and sex.',
  }),
  R(T, {
    doi: '10.1000/a.2',
    abstract:
      'We followed four hundred and twelve adults on home haemodialysis in three provinces for ten years and compared their survival with those in hospital, by age and sex.',
  }),
)
d(
  'cochrane',
  R('Vitamin D for chronic kidney disease in children', {
    venue: 'Cochrane Database Syst Rev',
    doi: '10.1002/14651858.CD008327.pub2',
    year: 2015,
  }),
  R('Vitamin D for chronic kidney disease in children', {
    venue: 'The Cochrane Library',
    doi: '10.1002/14651858.CD008327.pub3',
    year: 2015,
  }),
)
// type
d('thesis', R(T, { type: 'thesis', venue: 'University of Uppsala' }), R(T))
d('thesis venue', R(T, { venue: 'Doctoral dissertation, Uppsala University' }), R(T, P))
d('dataset', R(T, { type: 'dataset', venue: 'Zenodo' }), R(T))
d(
  'workshop',
  R(T, { venue: 'Proceedings of the 3rd Workshop on Renal Informatics' }),
  R(T, { venue: 'Journal of Renal Informatics' }),
)
d('statement', R(T, { venue: 'The Lancet' }), R(T, { venue: 'BMJ' }))
d(
  'two meetings',
  R(T, { volume: '30', pages: 'P1-33', issue: 'Suppl 1', venue: 'Transplantation' }),
  R(T, { volume: '51', pages: 'A77', venue: 'Kidney Week' }),
)
d('preprint', R(T, { venue: 'medRxiv' }), R(T))
d('working paper', R(T, { venue: 'IZA Discussion Paper No. 1234' }), R(T, P))
// notices
for (const n of [
  `${T} (vol 21, pg 301, 2015)`,
  `${T} (vol 21, 301, 2015)`,
  `Erratum: ${T}`,
  `Corrigendum to "${T}" [Ann Ren Care 21 (2015) 301-309]`,
  `Correction to: ${T}`,
  `Author Correction: ${T}`,
  `Publisher Correction: ${T}`,
  `Retraction notice to: ${T}`,
  `Retraction: ${T}`,
  `The authors reply: ${T}`,
  `Authors' reply: ${T}`,
  `In response: ${T}`,
  `${T}: reply`,
  `${T} - authors' response`,
  `Reply to "${T}"`,
  `Re: ${T}`,
  `Comment on: ${T}`,
  `Letter to the editor: ${T}`,
  `Summaries for patients. ${T}`,
  `In brief: ${T}`,
  `Journal Club: ${T}`,
  `Commentary: ${T}`,
  `Data from: ${T}`,
  `Supplementary material for: ${T}`,
  `Additional file 2 of ${T}`,
  `Reprint of: ${T}`,
  `Republished: ${T}`,
  `${T}: study protocol`,
  `${T}: protocol for a randomised trial`,
  `Berichtigung: ${T}`,
  `Erwiderung: ${T}`,
  `Réponse: ${T}`,
  `Fe de erratas: ${T}`,
  `Editorial comment: ${T}`,
  `Invited commentary: ${T}`,
  `Expression of concern: ${T}`,
  `Discussion of "${T}"`,
  `${T} (multiple letters)`,
  `Patient summary: ${T}`,
  `Editorial: ${T}`,
  `Visual abstract: ${T}`,
  `Response to: ${T}`,
  `Corrections: ${T}`,
  `${T} [Erratum]`,
  `${T} (Erratum)`,
  `ERRATUM TO: ${T}`,
  `${T}. Reply`,
  `${T} -- Reply`,
  `Replication data for: ${T}`,
]) {
  d('notice', R(n, { pages: undefined }), R(T, P))
  d('notice', R(n, { volume: '21' }), R(T, { volume: '21' }))
  d('notice bare', R(n), R(T))
}
d(
  'letters',
  R('Dialysis or conservative care?', { ...P, pages: '301-3', authors: [{ family: 'Haas' }] }),
  R('Dialysis or conservative care?', { ...P, pages: '301-3', authors: [{ family: 'Mbeki' }] }),
)
d(
  'letters',
  R(T, { ...P, pages: '301-3; author reply 301-3', authors: [{ family: 'Haas' }] }),
  R(T, { ...P, pages: '301-3; author reply 301-3', authors: [{ family: 'Mbeki' }] }),
)
// trials
const C = { venue: 'ClinicalTrials.gov', authors: [{ name: 'Acme Pharma' }] }
d(
  'trial',
  R(T, { ...C, url: 'https://clinicaltrials.gov/ct2/show/NCT01234567' }),
  R(T, { ...C, url: 'https://clinicaltrials.gov/ct2/show/NCT07654321' }),
)
for (const [x, y] of [
  ['ISRCTN12345678', 'ISRCTN87654321'],
  ['EUCTR2010-123456-12-DE', 'EUCTR2011-123456-12-DE'],
  ['ACTRN12610000000001', 'ACTRN12610000000002'],
  ['ChiCTR-TRC-10001234', 'ChiCTR-TRC-10004321'],
  ['DRKS00001234', 'DRKS00004321'],
  ['JPRN-UMIN000001234', 'JPRN-UMIN000004321'],
  ['CTRI/2010/091/000123', 'CTRI/2010/091/000321'],
  ['IRCT20100101012345N1', 'IRCT20100101012345N2'],
  ['KCT0001234', 'KCT0004321'],
  ['NTR1234', 'NTR4321'],
] as const) {
  d(`trial ${x}`, R(T, { venue: 'ICTRP', authors: [{ name: x }] }), R(T, { venue: 'ICTRP', authors: [{ name: y }] }))
  s(
    `one trial ${x}`,
    R(T, { venue: 'ICTRP', authors: [{ name: x }] }),
    R('Home haemodialysis trial', {
      venue: 'trialsearch.who.int',
      authors: [],
      year: 2014,
      url: `https://trialsearch.who.int/?TrialID=${x}`,
    }),
  )
  d(
    `registry and article ${x}`,
    R(T, { venue: x, authors: [] }),
    R(T, {
      ...P,
      abstract: `We studied it in four hundred adults of three provinces for ten years and found that survival was better at home than in hospital. Trial registration ${x}.`,
    }),
  )
}
// H
d('begins', R('Renal scarring in infants'), R('Renal scarring in infants of diabetic mothers after birth'))
d('begins', R(T), R(`${T} and in the islands`))
d('part', R('Dialysis in Peru. Part 1'), R('Dialysis in Peru'))
// I annual
d(
  'annual',
  R('Statistics on end-stage renal disease', { year: 2014 }),
  R('Statistics on end-stage renal disease', { year: 2015 }),
)
d(
  'yearly',
  R('Dialysis in the provinces: registry report', { year: 2014 }),
  R('Dialysis in the provinces: registry report', { year: 2015 }),
)
d('heading', R('Vorwort', { authors: [{ family: 'Haas' }] }), R('Vorwort', { authors: [{ family: 'Haas' }] }))
d('heading', R('In memoriam', { authors: [{ family: 'Haas' }] }), R('In memoriam', { authors: [{ family: 'Haas' }] }))
d(
  'heading',
  R("President's message", { authors: [{ family: 'Haas' }] }),
  R("President's message", { authors: [{ family: 'Haas' }] }),
)
d('heading', R('Abstracts', {}), R('Abstracts', {}))
d('heading', R('News in brief', { authors: [] }), R('News in brief', { authors: [] }))
d('heading', R('Carta al editor', { authors: [{ family: 'Haas' }] }), R('Carta al editor', { authors: [{ family: 'Haas' }] }))
d('pages', R(T, { ...P, pages: '301' }), R(T, { ...P, issue: undefined, pages: '688-695' }))
d('pages both', R(`${T} x`, { ...P }), R(`${T} y`, { ...P, pages: '355-361', issue: undefined }))

test.each(pairs)('%s, the same: %s', async (_, isSame, a, b) => {
  expect({ a: a.title, b: b.title, isSame: await areJoined(a, b) }).toEqual({ a: a.title, b: b.title, isSame })
})
