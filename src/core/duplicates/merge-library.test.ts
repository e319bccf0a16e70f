import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import type { Paper } from '../papers/paper.js'
import { groupTable } from './group-table.js'
import { mergeLibrary } from './merge-library.js'
import { mergePapers } from './merge-papers.js'
import { methodsParagraph, prismaCounts } from './prisma.js'
import { removalList } from './removal-list.js'
import { addStep, emptyReview } from './review.js'
import { sourceOverlap } from './source-overlap.js'

const from = (file: string, record: number) => ({ file, record })
const full: Paper = {
  id: 'full',
  key: 'Doe2010',
  title: 'A title',
  authors: [{ family: 'Doe' }],
  year: 2010,
  venue: 'Journal',
  doi: '10.1/x',
  source: from('pubmed', 1),
}
const newer: Paper = {
  id: 'newer',
  key: 'Doe2011',
  title: 'A Title',
  year: 2011,
  pages: '1-9',
  pmid: '77',
  source: from('scopus', 1),
}
const bare: Paper = { id: 'bare', title: 'A title.', abstract: 'What we did.', source: from('embase', 4) }
const other: Paper = { id: 'other', key: 'Roe, "R"', title: 'Another, of "quotes"', year: 2001, source: from('embase', 5) }
const groups = [{ ids: ['newer', 'full', 'bare'], confidence: 0.9, pairs: [] }]
const library = [other, newer, full, bare]

describe('mergePapers', () => {
  test('keeps the most complete paper, completes it from the others, and records the provenance', () => {
    const { paper, provenance, from } = mergePapers([newer, full, bare])
    expect(paper).toEqual({ ...full, abstract: 'What we did.', pages: '1-9', pmid: '77' })
    expect(provenance).toEqual({
      title: 'full',
      authors: 'full',
      year: 'full',
      venue: 'full',
      doi: 'full',
      pages: 'newer',
      pmid: 'newer',
      abstract: 'bare',
    })
    expect(from).toEqual([
      { id: 'full', key: 'Doe2010', source: full.source },
      { id: 'newer', key: 'Doe2011', source: newer.source },
      { id: 'bare', source: bare.source },
    ])
    expect(full).not.toHaveProperty('pages')
  })

  test('keeps the newest paper, the preferred source or a person’s choice, field by field', () => {
    expect(mergePapers([full, newer], { rule: 'newest' }).paper).toMatchObject({
      id: 'newer',
      title: 'A Title',
      venue: 'Journal',
    })
    expect(
      mergePapers([full, newer, bare], { rule: 'preferred-source', preferredSources: ['embase', 'scopus'] }).paper,
    ).toMatchObject({ id: 'bare', year: 2011 })
    const chosen = mergePapers([full, newer, bare], { rule: 'newest', keeper: 'bare', fields: { year: 'full', title: 'newer' } })
    expect(chosen.paper).toMatchObject({ id: 'bare', title: 'A Title', year: 2010, pages: '1-9' })
  })

  test.each([
    [[], {}],
    [[full], { keeper: 'newer' }],
    [[full], { fields: { year: 'newer' } }],
  ])('refuses %j with %j', (papers, options) => {
    expect(() => mergePapers(papers, options)).toThrow(InvalidArgumentError)
  })
})

describe('mergeLibrary', () => {
  test('has one paper for each work, at the place of its first record, and loses none', () => {
    const merged = mergeLibrary(library, groups)
    expect(merged.papers.map(({ id }) => id)).toEqual(['other', 'full'])
    expect(merged.removed.map(({ paper, keptId }) => [paper.id, keptId])).toEqual([
      ['newer', 'full'],
      ['bare', 'full'],
    ])
    expect([...merged.papers, ...merged.removed.map(({ paper }) => paper)]).toHaveLength(library.length)
  })

  test('follows the review', () => {
    const review = addStep(emptyReview, { type: 'keep', id: 'bare' })
    expect(mergeLibrary(library, groups, { review, rule: 'newest' }).papers.map(({ id }) => id)).toEqual(['other', 'bare'])
  })
})

describe('reports on a merged library', () => {
  const merged = mergeLibrary(library, groups)

  test('removal list: has the keys of records, and the ids of those without', () => {
    expect(removalList(merged)).toEqual({ text: 'Doe2011\n', without: ['bare'] })
    expect(removalList(merged, 'pmid')).toEqual({ text: '', without: ['newer', 'bare'] })
    expect(removalList(merged, 'id')).toEqual({ text: 'newer\nbare\n', without: [] })
  })

  test('removal list: has no key of a kept record', () => {
    const twice = mergeLibrary([full, { ...newer, key: 'Doe2010' }], [{ ids: ['full', 'newer'] }])
    expect(removalList(twice)).toEqual({ text: '', without: ['newer'] })
  })

  test('group table: is CSV', () => {
    const table = groupTable({ groups: [{ ...groups[0]!, ids: ['newer', 'other'] }] }, library, merged)
    expect(table.split('\r\n')).toEqual([
      'group,id,key,source,kept,confidence,rule,title,year,venue,doi',
      '1,newer,Doe2011,scopus,no,,,A Title,2011,,',
      '1,other,"Roe, ""R""",embase,yes,,,"Another, of ""quotes""",2001,,',
      '',
    ])
  })

  test('source overlap: counts each pair of sources', () => {
    expect(sourceOverlap(library, groups)).toEqual([
      { a: 'embase', b: 'pubmed', works: 1 },
      { a: 'embase', b: 'scopus', works: 1 },
      { a: 'pubmed', b: 'scopus', works: 1 },
    ])
    expect(sourceOverlap(library, []).map(({ works }) => works)).toEqual([0, 0, 0])
  })

  test('PRISMA: counts, and a paragraph with them', () => {
    const judged = [{ a: 'full', b: 'newer', confidence: 1 }] as never
    const review = addStep(addStep(emptyReview, { type: 'decide', pairs: [['newer', 'full']], verdict: 'same' }), {
      type: 'decide',
      pairs: [['other', 'full']],
      verdict: 'different',
    })
    const counts = prismaCounts(library, { groups: [{ ...groups[0]!, pairs: judged }] }, merged, review)
    expect(counts).toEqual({
      identified: [
        { source: 'embase', records: 2 },
        { source: 'scopus', records: 1 },
        { source: 'pubmed', records: 1 },
      ],
      total: 4,
      duplicates: 2,
      byHand: 2,
      screened: 2,
      judged: { same: 1, different: 1 },
    })
    const text = methodsParagraph(counts, { version: '1.2.3', preset: 'balanced', model: 'SPECTER2' })
    expect(text).toContain('4 records from embase (2), scopus (1), pubmed (1)')
    expect(text).toContain('specter2-web 1.2.3 (preset "balanced")')
    expect(text).toContain('judged 2 pairs, 1 as the same and 1 as different')
    expect(text).toContain('We removed 2 records as duplicates, and 2 records remained for screening.')
  })
})
