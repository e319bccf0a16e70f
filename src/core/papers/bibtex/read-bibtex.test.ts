import { describe, expect, test } from 'vitest'
import { read } from '../testing.js'
import { formatBibtexNames } from './bibtex-names.js'

const titles = async (text: string) => (await read(text, 'a.bib')).papers.map(({ title }) => title)

describe('BibTeX', () => {
  test('authors that a list leaves out are written as BibTeX says it', () => {
    const names = [{ name: 'et al.' }, { name: 'others' }, { family: 'al.', given: 'et' }, { family: 'Al', given: 'Et' }]
    for (const name of names) expect(formatBibtexNames([{ family: 'Doe', given: 'J.' }, name])).toBe('Doe, J. and others')
    expect(formatBibtexNames([{ family: 'Al', given: 'Etta' }])).toBe('Al, Etta')
  })

  test('all properties of a record are read', async () => {
    const { papers, problems } = await read(`@InProceedings{Doe:2001,
  author = {Doe, Jr., John and Ludwig van Beethoven and {World Health Organization} and others},
  title = "A {Title} with \`\`quotes'' and {\\'e}",
  booktitle = {Proc. of X}, year = 2001, pages = {1--9}, doi = {https://doi.org/10.1000/ABC.1},
  url = {https://example.org/a\\_b}, keywords = {one, two}, eprint = {2004.07180v4}, archiveprefix = {arXiv}, month = mar # "~1",
  abstract = {First. © 2001 Elsevier Ltd. All rights reserved.}
}`)
    expect(problems).toEqual([])
    expect(papers).toEqual([
      {
        id: 'Doe:2001',
        key: 'Doe:2001',
        type: 'conference',
        title: 'A Title with “quotes” and é',
        authors: [
          { family: 'Doe', given: 'John', suffix: 'Jr.' },
          { family: 'van Beethoven', given: 'Ludwig' },
          { name: 'World Health Organization' },
          { name: 'others' },
        ],
        venue: 'Proc. of X',
        year: 2001,
        pages: '1-9',
        doi: '10.1000/abc.1',
        arxivId: '2004.07180v4',
        url: 'https://example.org/a_b',
        keywords: ['one', 'two'],
        abstract: 'First.',
        fields: {
          title: ["A {Title} with ``quotes'' and {\\'e}"],
          url: [String.raw`https://example.org/a\_b`],
          month: ['mar~1'],
          abstract: ['First. © 2001 Elsevier Ltd. All rights reserved.'],
        },
        source: { file: 'file.txt', record: 1, line: 1, format: 'bibtex' },
      },
    ])
  })

  test('@string definitions are inserted, with # and in any case', async () => {
    expect(await titles('@string{ Foo = "bar" }\n@string(baz = {{B}az})\n@a{b, title = "Foo " # foo # { } # BAZ}')).toEqual([
      'Foo bar Baz',
    ])
    const { problems } = await read('@a{b, title = foo}', 'a.bib')
    expect(problems).toMatchObject([
      { kind: 'noted', line: 1, reason: expect.stringContaining('foo'), raw: '@a{b, title = foo}' },
    ])
  })

  test.each([
    ['in parentheses', '@book(a, title = {T},)', ['T']],
    ['without a key', '@book{, title = {T}}', ['T']],
    ['without a key and comma', '@book{title = {T}}', ['T']],
    ['with a key of any kind', '@book{ Orlowski;2011 (a) , title = {T}}', ['T']],
    ['opened by a brace and closed by a parenthesis', '@book{a, title = {T}\n)\n@book{b, title={U}}', ['T', 'U']],
    ['with empty fields and stray commas', '@book{a,, title = {T},  , number = {1},}', ['T']],
    ['with comments between fields', '@book{a,\n% title = {X},\n title = {T}}', ['T']],
    ['on one line, after text', 'See @book{a, title={T}}@book{b, title={U}} mail@example.com {x}', ['T', 'U']],
    [
      'after all kinds of comments',
      '@comment{jabref-meta: groups:\n@book{x, title={X}};}\n@Comment no braces\n@preamble{"\\def{x}"}\n@book{a, title = {T}}',
      ['T'],
    ],
    ['with quotes in quotes', '@book{a, title = "The "{Big}" "one"", year = 2001}', ['The "Big" "one"']],
    ['with line ends of Windows and old Macs', '@book{a,\r\n title = {T}}\r@book{b,\r title = {U}}', ['T', 'U']],
    ['of an unknown type', '@whatever{a, title = {T}}', ['T']],
    ['without fields', '@book{a}\n@book{b,}', ['', '']],
  ])('entries %s are read', async (_, text, expected) => {
    expect(await titles(text)).toEqual(expected)
    expect((await read(text, 'a.bib')).problems.filter(({ kind }) => kind === 'lost')).toEqual([])
  })

  test('a missing brace is reported and affects no other record', async () => {
    const text = '@article{a, title = {T,\n  year = {2001}\n}\n\n@article{b, title = {U}}\n@article{c, title = {V}'
    const { papers, problems } = await read(text, 'a.bib')
    expect(papers.map(({ title, year, source }) => [title, year, source!.line])).toEqual([
      ['T', 2001, 1],
      ['U', undefined, 5],
      ['V', undefined, 6],
    ])
    expect(problems).toMatchObject([
      { kind: 'noted', code: 'BAD_RECORD', line: 1 },
      { kind: 'noted', code: 'BAD_RECORD', line: 6 },
    ])
  })

  test('fields after a surplus brace are reported', async () => {
    const { papers, problems } = await read('@article{a, title = {T}}, year = {2001}}\n@article{b, title = {U}}', 'a.bib')
    expect(papers).toHaveLength(2)
    expect(problems).toMatchObject([{ kind: 'noted', line: 1, raw: expect.stringContaining('year = {2001}') }])
  })

  test('an entry inherits from its crossref and xdata, wherever they are in the file', async () => {
    const text = `@inproceedings{a, title={Part}, crossref={C}}
@inbook{d, title={Chapter}, xdata={x}}
@proceedings{c, title={Whole}, booktitle={The Whole}, year={2006}, publisher={P}}
@xdata{x, publisher={Q}, year={1999}}`
    const { papers } = await read(text, 'a.bib')
    expect(papers.map(({ key, venue, year }) => [key, venue, year])).toEqual([
      ['a', 'The Whole', 2006],
      ['d', undefined, 1999],
      ['c', 'The Whole', 2006],
    ])
    expect(papers[1]!.fields!.publisher).toEqual(['Q'])
    const circle = await read(
      '@book{a, title={A}, crossref={b}}\n@book{b, title={B}, crossref={a}}\n@book{c, title={C}, crossref={gone}}',
      'a.bib',
    )
    expect(circle.papers).toHaveLength(3)
    expect(circle.problems).toMatchObject([{ kind: 'noted', raw: 'gone' }])
  })

  test('LaTeX, entities and tags become Unicode', async () => {
    expect(await titles('@a{b, title = {$\\alpha$ &amp; <i>x</i>$_2$ \\& G{\\"o}del}}')).toEqual(['α & x₂ & Gödel'])
  })
})
