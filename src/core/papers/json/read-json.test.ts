import { describe, expect, test } from 'vitest'
import { read } from '../testing.js'

describe('JSON', () => {
  test('OpenAlex: the abstract is restored from its inverted index', async () => {
    const work = {
      id: 'https://openalex.org/W1',
      doi: 'https://doi.org/10.1000/A',
      title: 'T',
      publication_year: 2001,
      type: 'article',
      authorships: [{ author: { display_name: 'Ann van der Lee' } }],
      primary_location: { source: { display_name: 'J' } },
      biblio: { volume: '1', issue: '2', first_page: '3', last_page: '4' },
      abstract_inverted_index: { world: [1, 3], Hello: [0], big: [2] },
    }
    const { papers } = await read(JSON.stringify({ meta: { count: 1 }, results: [work, work] }))
    expect(papers).toHaveLength(2)
    expect(papers[0]).toMatchObject({
      title: 'T',
      abstract: 'Hello world big world',
      authors: [{ family: 'van der Lee', given: 'Ann' }],
      year: 2001,
      venue: 'J',
      volume: '1',
      issue: '2',
      pages: '3-4',
      doi: '10.1000/a',
      key: 'W1',
      type: 'article',
    })
  })

  test('Semantic Scholar: papers, but not their references', async () => {
    const paper = {
      paperId: 'p',
      externalIds: { DOI: '10.1000/A', PubMed: '7', ArXiv: '2004.07180' },
      title: 'T',
      abstract: null,
      year: 2001,
      journal: { name: 'J', volume: '1', pages: '3 - 4' },
      authors: [{ authorId: '1', name: 'Ann Lee' }],
      references: [{ paperId: 'q', title: 'R' }],
    }
    const { papers } = await read(`${JSON.stringify(paper)}\n${JSON.stringify({ ...paper, paperId: 'r' })}\n`)
    expect(papers).toHaveLength(2)
    expect(papers[0]).toMatchObject({
      title: 'T',
      year: 2001,
      venue: 'J',
      pages: '3-4',
      doi: '10.1000/a',
      pmid: '7',
      arxivId: '2004.07180',
      key: 'p',
    })
    expect(papers[0]!.abstract).toBeUndefined()
  })

  test('CSL: names with particles, dates in parts', async () => {
    const item = {
      id: 'x',
      type: 'article-journal',
      title: 'T',
      issued: { 'date-parts': [['2001', 2]] },
      'container-title': 'J',
      page: '1-9',
      DOI: '10.1000/A',
      author: [{ family: 'Berg', 'non-dropping-particle': 'van der', given: 'Jan' }, { literal: 'Group' }],
    }
    const { papers } = await read(JSON.stringify([item]))
    expect(papers).toMatchObject([
      {
        id: 'x',
        type: 'article',
        title: 'T',
        year: 2001,
        venue: 'J',
        pages: '1-9',
        doi: '10.1000/a',
        authors: [{ family: 'van der Berg', given: 'Jan' }, { name: 'Group' }],
      },
    ])
  })

  test('Zotero items, but not their attachments', async () => {
    const items = [
      {
        itemType: 'journalArticle',
        title: 'T',
        creators: [
          { creatorType: 'author', firstName: 'Ann', lastName: 'Lee' },
          { creatorType: 'editor', lastName: 'E' },
        ],
        date: '2001-02-03',
        tags: [{ tag: 'one' }],
      },
      { itemType: 'attachment', title: 'PDF' },
    ]
    const { papers, problems } = await read(JSON.stringify({ items }))
    expect(papers).toMatchObject([
      { title: 'T', year: 2001, type: 'article', authors: [{ family: 'Lee', given: 'Ann' }], keywords: ['one'] },
    ])
    expect(problems).toMatchObject([{ kind: 'noted' }])
  })

  test('any object with a title, its keys read like headings', async () => {
    const { papers } = await read('{"_id":"1","title":"T","text":"x","authors":"Zuna, R E and Wang, S","year":"2006","doi":""}\n')
    expect(papers).toMatchObject([
      {
        id: '1',
        title: 'T',
        year: 2006,
        authors: [
          { family: 'Zuna', given: 'R E' },
          { family: 'Wang', given: 'S' },
        ],
        fields: { text: ['x'] },
      },
    ])
  })

  test('a broken line is reported and affects no other', async () => {
    const { papers, problems } = await read(
      '{"title":"A","year":1}\n{"title":"B","year":\n{"title":"C","year":3}\n{"title":"D\n{"title":"E","year":5}\n{"other":1}\n',
    )
    expect(papers.map(({ title }) => title)).toEqual(['A', 'C', 'E'])
    expect(problems.map(({ kind, line }) => [kind, line])).toEqual([
      ['lost', 2],
      ['lost', 4],
      ['lost', 6],
    ])
  })
})
