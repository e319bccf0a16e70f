import { expect, test } from 'vitest'
import { areJoined, type Fields, pairsOf } from './testing.js'

// Pairs by cause, most of them poor records, in many languages.
const base = {
  authors: [
    { family: 'Halloran', given: 'Niamh' },
    { family: 'Tanaka', given: 'Yuki' },
  ],
  year: 2018,
  venue: 'Acta Hepatologica',
} satisfies Fields
const P = { volume: '44', issue: '2', pages: '88-97' } satisfies Fields
const { pairs, R, d, s } = pairsOf(base)
const T = 'Portal hypertension and variceal bleeding in adolescents with biliary atresia'
// same pages of a journal with own range but replaced word
d(
  'influenza',
  R('Neuraminidase inhibitors in hospitalised patients with influenza A', { ...P }),
  R('Neuraminidase inhibitors in hospitalised patients with influenza B', { ...P, pages: '98-104' }),
)
d(
  'report',
  R('Outbreak report A: hepatitis in a school canteen', P),
  R('Outbreak report B: hepatitis in a school canteen', { ...P, pages: '98-104' }),
)
d(
  'book doi',
  R('Chapter 3. Liver imaging', { doi: '10.1000/978', pages: '40-60', venue: 'Handbook of the Liver' }),
  R('Chapter 4. Liver surgery', { doi: '10.1000/978', pages: '61-80', venue: 'Handbook of the Liver' }),
)
d('abstract and article no pages', R(T, { venue: 'Hepatology', volume: '68', issue: 'Suppl 1', pages: '1021A' }), R(T, { ...P }))
d(
  'abstract and article one journal',
  R(T, { venue: 'Hepatology', volume: '68', issue: 'S1', pages: '1021A' }),
  R(T, { venue: 'Hepatology', volume: '68', issue: '4', pages: '1301-1310' }),
)
d(
  'conference and journal',
  R(T, { type: 'conference', venue: 'European Congress of Radiology' }),
  R(T, { type: 'article', venue: 'European Journal of Radiology' }),
)
d(
  'dissertation proquest',
  R(T, { venue: 'ProQuest Dissertations and Theses', authors: [{ family: 'Halloran' }] }),
  R(T, { ...P, authors: [{ family: 'Halloran' }] }),
)
d(
  'statement 3',
  R('CARE guideline 2018 for reports of liver cases: explanation', { ...P }),
  R('CARE guideline 2018 for reports of liver cases: explanation', {
    venue: 'Journal of Hepatic Medicine',
    volume: '9',
    pages: '1-12',
  }),
)
d('statement dois', R(T, { venue: 'BMJ', doi: '10.1136/bmj.1' }), R(T, { venue: 'PLoS Medicine', doi: '10.1371/pmed.1' }))
d('reply same page', R(`${T}: authors' reply`, { pages: '97', volume: '44' }), R(T, { pages: '97', volume: '44' }))
d(
  'letter by',
  R(`Letter by Smith and Jones regarding article, "${T}"`, { ...P, authors: [{ family: 'Smith' }, { family: 'Jones' }] }),
  R(T, P),
)
d(
  'letter response',
  R(`Response by Halloran and Tanaka to letter regarding article, "${T}"`),
  R(`Letter by Smith regarding article, "${T}"`, { authors: [{ family: 'Smith' }] }),
)
d('two replies', R(`Reply to: ${T}`, { issue: '5', volume: '44' }), R(`Reply to: ${T}`, { issue: '6', volume: '44' }))
d(
  'erratum vs other erratum',
  R(`Erratum: ${T}`, { ...P, pages: '401' }),
  R(`Erratum: ${T}`, { volume: '45', issue: '1', pages: '33' }),
)
d(
  'joint',
  R(T, { ...P, authors: [{ family: 'A1son' }] }),
  R(`${T} [multiple letters]`, { ...P, authors: [{ family: 'A1son' }, { family: 'Bergman' }] }),
)
d(
  'trial article',
  R(T, {
    abstract:
      'We enrolled three hundred adolescents with biliary atresia at nine centres and gave them the drug or placebo for a year, and bleeding was less. ClinicalTrials.gov NCT00000111.',
  }),
  R(T, {
    year: 2018,
    abstract:
      'We enrolled three hundred adolescents with biliary atresia at nine centres and gave them the drug or placebo for a year, and bleeding was less. ClinicalTrials.gov NCT00000222.',
  }),
)
d(
  'contained',
  R('Variceal bleeding in adolescents'),
  R('Variceal bleeding in adolescents with biliary atresia and cystic fibrosis'),
)
d(
  'contained end',
  R('Quality of life in adolescents with biliary atresia'),
  R('Sleep and quality of life in adolescents with biliary atresia'),
)
d('preprint doi', R(T, { venue: '', doi: '10.1101/2018.01.01.123456' }), R(T, { ...P, doi: '10.1000/acta.1' }))
d('ssrn', R(T, { venue: 'SSRN Electronic Journal', doi: '10.2139/ssrn.12345' }), R(T, { ...P, doi: '10.1000/acta.1' }))
d(
  'cochrane protocol',
  R('Beta-blockers for portal hypertension', { venue: 'Cochrane Database of Systematic Reviews', issue: '3', pages: 'CD001111' }),
  R('Beta-blockers for portal hypertension', {
    venue: 'Cochrane Database of Systematic Reviews',
    issue: '8',
    year: 2019,
    pages: 'CD001111',
  }),
)
d(
  'annual',
  R('Annual review of transplantation in Ireland', { year: 2017 }),
  R('Annual review of transplantation in Ireland', { year: 2018 }),
)
d(
  'annual one place',
  R('Annual review of transplantation in Ireland', { year: 2017 }),
  R('Annual review of transplantation in Ireland', { year: 2018, ...P }),
)
d('year edition', R('Standards of care in hepatology', { year: 2017 }), R('Standards of care in hepatology', { year: 2018 }))
d(
  'single letter',
  R('Factor V deficiency in liver disease of young adults'),
  R('Factor X deficiency in liver disease of young adults'),
)
d(
  'single letter',
  R('Blood group O and portal thrombosis in young adults'),
  R('Blood group A and portal thrombosis in young adults'),
)
d(
  'single letter greek',
  R('Interferon α for chronic hepatitis of young adults'),
  R('Interferon β for chronic hepatitis of young adults'),
)
d('roman', R('Studies on bile acids. XIII. Rats'), R('Studies on bile acids. XIV. Rats'))
d('roman', R('Studies on bile acids. IX'), R('Studies on bile acids. XI'))
d(
  'number words',
  R('Three-dose schedule of hepatitis vaccine in infants'),
  R('Four-dose schedule of hepatitis vaccine in infants'),
)
d(
  'ordinals',
  R('Proceedings of the twenty-first hepatology meeting: opening address'),
  R('Proceedings of the twenty-second hepatology meeting: opening address'),
)
d(
  'sup/inf',
  R('Thrombosis of the superior mesenteric vein in cirrhosis'),
  R('Thrombosis of the inferior mesenteric vein in cirrhosis'),
)
d(
  'with brackets',
  R('Outcome of portoenterostomy (Kasai) in infants (boys)'),
  R('Outcome of portoenterostomy (Kasai) in infants (girls)'),
)
d('brackets only', R('Outcome of portoenterostomy in infants (boys)'), R('Outcome of portoenterostomy in infants (girls)'))
d(
  'short',
  R('Hepatitis', { authors: [{ family: 'Halloran' }] }),
  R('Hepatitis', { authors: [{ family: 'Halloran' }], year: 2019 }),
)
d('other authors', R(T), R(T, { authors: [{ family: 'Mensah' }, { family: 'Quist' }] }))
d(
  'book editions',
  R('Diseases of the liver', { year: 2011, venue: 'Northgate' }),
  R('Diseases of the liver', { year: 2018, venue: 'Northgate' }),
)
d(
  'supplement page two',
  R('Early feeding after banding', { volume: '44', issue: 'Suppl 1', pages: 'S12' }),
  R('Late feeding after banding', { volume: '44', issue: 'Suppl 1', pages: 'S12' }),
)
d('two pmid', R(T, { pmid: '111111' }), R(T, { pmid: '222222' }))
d('mesh', R('Rates of hepatitis in Georgia: results of a survey'), R('Rates of hepatitis in Armenia: results of a survey'))
d('de', R('Pfortaderhochdruck bei Kindern: operative Therapie'), R('Pfortaderhochdruck bei Kindern: konservative Therapie'))
d(
  'fr',
  R("Hypertension portale de l'enfant : traitement médical"),
  R("Hypertension portale de l'enfant : traitement chirurgical"),
)
d(
  'zh',
  R('儿童门静脉高压症的内科治疗', { authors: [{ name: '王伟' }] }),
  R('儿童门静脉高压症的外科治疗', { authors: [{ name: '王伟' }] }),
)
d('zh2', R('慢性乙型肝炎的抗病毒治疗研究'), R('慢性丙型肝炎的抗病毒治疗研究'))
d('ja', R('小児門脈圧亢進症の治療（前編）'), R('小児門脈圧亢進症の治療（後編）'))
d('ja kana dakuten', R('幼児のハスに関する意識調査と分析の結果'), R('幼児のバスに関する意識調査と分析の結果'))
d('ru', R('Лечение портальной гипертензии у мальчиков'), R('Лечение портальной гипертензии у девочек'))
d('ru num', R('Болезни печени. Выпуск 3'), R('Болезни печени. Выпуск 4'))
d('el', R('Η ποιότητα ζωής των ανδρών με κίρρωση του ήπατος'), R('Η ποιότητα ζωής των γυναικών με κίρρωση του ήπατος'))
d('fa', R('کیفیت زندگی مردان مبتلا به سیروز کبدی'), R('کیفیت زندگی زنان مبتلا به سیروز کبدی'))
d('fa digits', R('گزارش بیماری‌های کبد، بخش ۱'), R('گزارش بیماری‌های کبد، بخش ۲'))
d('vi', R('Chất lượng cuộc sống của nam giới bị xơ gan'), R('Chất lượng cuộc sống của nữ giới bị xơ gan'))
d('supplementary', R(`Supporting information for: ${T}`, { venue: 'Figshare' }), R(T))
d('companion editorial', R(`Editorial - ${T}`, P), R(T, { ...P, pages: '98-107' }))
d(
  'poster no',
  R('Poster 12: liver injury after herbal medicine', { volume: '44', issue: 'Suppl 1' }),
  R('Poster 13: liver injury after herbal medicine', { volume: '44', issue: 'Suppl 1' }),
)
d('HIV', R('HIV-1: an epidemic among liver patients'), R('HIV-2: an epidemic among liver patients'))
d('report type', R(T, { type: 'patent', venue: 'US Patent 123' }), R(T))
// same
s('plain', R(T), R(T, P))
s('plain', R(T, { venue: 'Acta Hepatol' }), R(`${T}.`, { ...P, authors: [{ name: 'Halloran N' }, { name: 'Tanaka Y' }] }))
s(
  'doi only',
  R(T, { doi: '10.1000/abc.12', venue: undefined, year: undefined, authors: [] }),
  R(T, { doi: '10.1000/abc.12', ...P }),
)
s('pmid only', R(T, { pmid: '123', venue: undefined, year: 2019 }), R(T, { pmid: '123', ...P }))
s('retracted suffix', R(`${T} (Retracted article. See Vol 46, Pg 12, 2020)`, P), R(T, P))
s(
  'translated bracket',
  R(`[${T}]`, P),
  R('Hypertension portale et hémorragie variqueuse chez des adolescents atteints d’atrésie des voies biliaires', P),
)
s('translated bracket same', R(`[${T}]. [French]`), R(T))
s('bilingual', R(`Hypertension portale chez les adolescents = ${T}`, P), R(T, P))
s(
  'two/2/II',
  R('Type II hepatorenal syndrome: 2 cases from two villages'),
  R('Type 2 hepatorenal syndrome: two cases from 2 villages'),
)
s(
  'hyphen',
  R('Anti-viral therapy of co-infected patients: follow-up of hepatitis'),
  R('Antiviral therapy of coinfected patients: follow up of hepatitis'),
)
s('and', R('Liver & kidney injury in the tropics'), R('Liver and kidney injury in the tropics'))
s(
  'order of names',
  R(T, { authors: [{ name: 'Niamh Halloran' }, { name: 'Yuki Tanaka' }] }),
  R(T, { authors: [{ name: 'Halloran Niamh' }, { name: 'Tanaka Yuki' }] }),
)
s(
  'hangul',
  R('간경변 환자의 삶의 질에 대한 전향적 연구', { authors: [{ name: '김민수' }] }),
  R('간경변 환자의 삶의 질에 대한 전향적 연구', { authors: [{ name: 'Kim MS' }] }),
)
s(
  'trad',
  R('慢性肝炎患者生活質量的隨訪研究', { ...P, authors: [{ name: '張偉' }], venue: '中華肝臟病雜誌' }),
  R('慢性肝炎患者生活质量的随访研究', { ...P, authors: [{ name: '张伟' }], venue: '中华肝脏病杂志' }),
)
s('latex', R('{\\"U}ber Hepatitis in $\\alpha$-Zellen der Leber'), R('Über Hepatitis in α-Zellen der Leber'))
s(
  'subscript',
  R('H<sub>2</sub>O<sub>2</sub> and liver cells of the rat in culture'),
  R('H2O2 and liver cells of the rat in culture'),
)
s('isotope', R('99mTc imaging of the liver in chronic hepatitis'), R('Tc-99m imaging of the liver in chronic hepatitis'))
s('thousand', R('A survey of 12,500 liver donors in Asia'), R('A survey of 12 500 liver donors in Asia'))
s('the', R('The natural history of portal hypertension'), R('Natural history of portal hypertension'))
s('group author', R(T, { authors: [{ name: 'Biliary Atresia Study Group' }] }), R(T, P))
s('et al', R(T, { authors: [{ name: 'Halloran N, et al.' }] }), R(T, P))
s(
  'research square',
  R(T, { venue: 'Research Square', doi: '10.21203/rs.3.rs-1234/v1' }),
  R(T, { venue: 'Research Square', doi: '10.21203/rs.3.rs-1234/v2' }),
)
s('pages forms', R(T, { ...P, pages: '88-97; quiz 98' }), R(T, { ...P, pages: '88–97' }))
s('pages excel', R(T, { ...P, issue: '5', pages: '12-Mar' }), R(T, { ...P, issue: '5', pages: '12-3' }))
s('pages en', R(T, { ...P, pages: '88-97, e1' }), R(T, { ...P, pages: '88-97.e1' }))
s('retitled cut', R('Portal hypertension and variceal bleeding in adolescents with bil...', P), R(T, P))
s('ru-ed', R('Лечение портальной гипертензии у детей', P), R('Treatment of portal hypertension in children', P))
s(
  'umlaut title',
  R('Über die Lebensqualität älterer Männer mit Zirrhose'),
  R('Ueber die Lebensqualitaet aelterer Maenner mit Zirrhose'),
)
s(
  'norwegian',
  R('Livskvalitet hos eldre kvinner med levercirrhose på Østlandet'),
  R('Livskvalitet hos eldre kvinner med levercirrhose paa Oestlandet'),
)
s(
  'one trial',
  R('A Phase 3 Study of Drug X', {
    venue: 'ClinicalTrials.gov',
    authors: [],
    year: 2016,
    url: 'https://clinicaltrials.gov/study/NCT03334444',
  }),
  R('Drug X for adolescents with biliary atresia', {
    venue: 'https://clinicaltrials.gov/show/NCT03334444',
    authors: [{ name: 'NCT03334444,' }],
    year: 2017,
  }),
)

test.each(pairs)('%s, the same: %s', async (_, isSame, a, b) => {
  expect({ a: a.title, b: b.title, isSame: await areJoined(a, b) }).toEqual({ a: a.title, b: b.title, isSame })
})
