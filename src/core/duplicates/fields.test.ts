import { describe, expect, test } from 'vitest'
import { compareAuthors, prepareAuthors } from './authors.js'
import { compareTitles } from './compare-titles.js'
import { foldCase, wordsOf } from './fold-text.js'
import { prepareDoi } from './identifiers.js'
import { languagesOf } from './language.js'
import { comparePages, prepareNumber, preparePages } from './locator.js'
import { prepareTitle } from './title.js'
import { prepareVenue, venueSimilarity } from './venue.js'

const titles = (a: string, b: string) => compareTitles(prepareTitle(a), prepareTitle(b))

describe('titles', () => {
  test.each([
    ['CO 2 uptake of p16(INK4a) cells', 'CO<sub>2</sub> uptake of p16INK4a cells'],
    ['Ångström’s ﬁeld: α-rays', 'ANGSTROMS FIELD, alpha-rays'],
    ['Use of statins. [Review] [33 refs]', 'Use of statins'],
    ['Trial, part II: results', 'Trial, Part 2. Results'],
  ])('%s equals %s', (a, b) => {
    expect(titles(a, b).similarity).toBe(1)
  })

  test('can be contained in others', () => {
    expect(titles('Treatment of asthma in children', 'Treatment of asthma in children: a cohort study').contained).toBe(true)
    expect(titles('Asthma', 'Asthma in children').contained).toBe(false)
  })

  test.each([
    ['Screening in men over sixty', 'Screening in women over sixty', 'opposite'],
    ['Effects of hypertension on sleep', 'Effects of hypotension on sleep', 'opposite'],
    ['Costs of surgery in Norway', 'Costs of surgery in Portugal', 'replaced'],
    ['Annual report for 2010', 'Annual report for 2011', 'wordNumbersDiffer'],
    ['A trial of p6 cells', 'A trial of p16 cells', 'numbersDiffer'],
  ] as const)('%s differs from %s: %s', (a, b, why) => {
    expect(titles(a, b)[why]).toBe(true)
  })

  test('have no replaced word if only the spelling differs', () => {
    expect(titles('Randomised study of labour', 'Randomized study of labor').replaced).toBe(false)
    expect(titles('Ultra sound of the liver', 'Ultrasound of the liver').similarity).toBe(1)
  })

  test.each([
    ['Erratum to: A study', 'correction'],
    ['A study (erratum)', 'correction'],
    ['Retraction: A study', 'retraction'],
    ['Retracted: A study', null],
    ["Authors' reply", 'reply'],
    ['Response to Smith et al.', 'reply'],
    ['Comment on "A study"', 'comment'],
    ['A study: protocol for a randomised trial', 'protocol'],
    ['A study of replies', null],
    ['Correctional facilities in Ohio', null],
  ])('%s is a notice: %s', (title, notice) => {
    expect(prepareTitle(title).notice).toBe(notice)
  })

  test('shared by many texts are headings', () => {
    for (const heading of ['Editorial', 'Letter to the Editor', "Editor's Comments", 'Book Reviews', 'In this issue'])
      expect({ heading, isHeading: prepareTitle(heading).isHeading }).toEqual({ heading, isHeading: true })
    expect(prepareTitle('Editorial independence of medical journals').isHeading).toBe(false)
  })
})

describe('authors', () => {
  const names = (...texts: string[]) => prepareAuthors(texts.map((name) => ({ name })))

  test('are the same in all notations of databases', () => {
    const forms = [
      names('Müller, Jörg', 'van der Berg, A. B.'),
      names('Jörg Müller', 'A. B. van der Berg'),
      names('Mueller J', 'Berg AB'),
    ]
    for (const a of forms)
      for (const b of forms) expect(compareAuthors(a, b)).toMatchObject({ overlap: 1, first: true, count: 2 })
  })

  test('overlap completely, in part or not at all, or are unknown', () => {
    expect(compareAuthors(names('Doe, J'), names('Doe, J', 'Roe, R'))).toMatchObject({ overlap: 1, first: true, count: 1 })
    expect(compareAuthors(names('Doe, J', 'Poe, E'), names('Roe, R', 'Doe, J', 'Coe, C')).overlap).toBe(0.5)
    expect(compareAuthors(names('Doe, J'), names('Smith, J')).overlap).toBe(0)
    expect(compareAuthors(names('Anonymous', '[No authors listed]', 'The ALTS Study Group'), names('Doe, J')).overlap).toBeNull()
  })
})

describe('venues', () => {
  test.each([
    ['Am J Obstet Gynecol', 'American Journal of Obstetrics & Gynecology'],
    ['JAMA', 'Journal of the American Medical Association'],
    ['Cancer epidemiology, biomarkers & prevention : a publication of the AACR', 'Cancer Epidemiology Biomarkers and Prevention'],
    ['BMJ (Clinical research ed.)', 'BMJ'],
    ['Infectious Agents & Cancer [Electronic Resource]', 'Infectious Agents and Cancer'],
  ])('%s equals %s', (a, b) => {
    expect(venueSimilarity(prepareVenue(a), prepareVenue(b))).toBeGreaterThanOrEqual(0.75)
  })

  test.each([
    ['Cancer Research', 'Clinical Infectious Diseases'],
    ['Conference on Data Mining', 'Journal on Data Mining'],
    ['Cancer Prevention Research', 'Clinical Cancer Research'],
  ])('%s differs from %s', (a, b) => {
    expect(venueSimilarity(prepareVenue(a), prepareVenue(b))).toBeLessThan(0.75)
  })
})

describe('pages', () => {
  const compare = (a: string, b: string) => comparePages(preparePages(a), preparePages(b))

  test.each([
    ['123-129', '123-9'],
    ['123--129', '123'],
    ['pp. 123–129', '0123-0129'],
    ['S123-S129', '123-9'],
    ['849-851', 't-51'],
    ['487-488', '488'],
    ['e1001', 'e1001'],
    ['12-15, 18', '12-15'],
  ])('%s equals %s', (a, b) => {
    expect([compare(a, b), compare(b, a)]).toEqual(['agree', 'agree'])
  })

  test.each([
    ['123-129', '223-229', 'differ'],
    ['e1001', 'e1002', 'differ'],
    ['969-972', 'a1754', 'missing'],
    ['1-12', '4564-4573', 'missing'],
    ['', '12', 'missing'],
    ['no pagination', '12', 'missing'],
    ['CD001234', 'CD001234', 'missing'],
  ])('%s against %s: %s', (a, b, state) => {
    expect([compare(a, b), compare(b, a)]).toEqual([state, state])
  })
})

test('volumes and issues are reduced to their numbers', () => {
  expect(
    ['33', '033', 'Vol. 33', '33 (Suppl 1)', 'Suppl 2', '10411 LNCS', 'May', 'Conference: 34th Annual Meeting'].map(
      prepareNumber,
    ),
  ).toEqual(['33', '33', '33', '33', '', '10411', '', ''])
})

test('DOIs are compared without case, resolver and trailing punctuation', () => {
  for (const doi of ['10.1000/ABC', 'https://doi.org/10.1000/abc.', 'doi:10.1000/abc)', ' 10.1000/abc; '])
    expect(prepareDoi(doi)).toBe('10.1000/abc')
  for (const none of ['', 'none', '10.x']) expect(prepareDoi(none)).toBe('')
})

test('languages are detected from frequent words and scripts', () => {
  const of = (title: string) => languagesOf(wordsOf(foldCase(title)))
  expect(of('Platform economy as a challenge for the German model')).toEqual(['en'])
  expect(of('Plattformökonomie als Herausforderung für das deutsche Modell')).toEqual(['de'])
  expect(of('Занятость и мотивация')).toEqual(['cyrillic'])
  expect(of('Asthma')).toEqual([])
})
