import fc from 'fast-check'
import { gzipSync } from 'fflate'
import { expect, test } from 'vitest'
import type { Paper } from './paper.js'
import { readPapers } from './read-papers.js'
import { fileOf, read } from './testing.js'

/** Small files of the shapes that databases and programs export, with what is right of each record. */
const SOURCES: readonly [source: string, file: string, text: string, expected: readonly Readonly<Record<string, unknown>>[]][] = [
  [
    'Cochrane: numbered records, two blanks after the dash',
    'a.txt',
    'Record #1 of 2\nProvider: John Wiley\nContent: text/plain\n\nTY  -  JOUR\nA1  -  Finch, A\nT1  -  Kites\nJA  -  Winds\nC3  -  PUBMED 11\nER  -  \n\n\nRecord #2 of 2\nProvider: John Wiley\nContent: text/plain\n\nTY  -  JOUR\nT1  -  Gliders\nER  -  \n',
    [{ title: 'Kites', venue: 'Winds', pmid: '11', authors: [{ family: 'Finch', given: 'A' }] }, { title: 'Gliders' }],
  ],
  [
    'RIS whose head is damaged',
    'a.ris',
    '\u0000\u0001\u0002##%\u0003\u0004\u0005\u0006\u0007\u0008\u000e\n  - cut\nTY  - JOUR\nTI  - Kites\nER  - \n',
    [{ title: 'Kites' }],
  ],
  [
    'RIS: an article number, and a journal in JF beside an original title',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nT2  - Drachen\nJF  - Winds\nC7  - e12\nUR  - http://ovidsp.ovid.com/x\nER  - \n',
    [{ title: 'Kites', venue: 'Winds', pages: 'e12' }],
  ],
  [
    'RIS: keywords on lines of their own',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nKW  - wind\nsail cloth\nER  - \n',
    [{ keywords: ['wind', 'sail cloth'] }],
  ],
  [
    'RIS: people in one line',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nAU  - Finch, Ann; Heron, Bo\nER  - \n',
    [
      {
        authors: [
          { family: 'Finch', given: 'Ann' },
          { family: 'Heron', given: 'Bo' },
        ],
      },
    ],
  ],
  [
    'RIS: given names first, and initials last',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nAU  - Ann van der Finch\nAU  - The Kite Group\nER  - \nTY  - JOUR\nTI  - Sails\nAU  - Heron B C\nER  - \n',
    [
      { authors: [{ family: 'van der Finch', given: 'Ann' }, { name: 'The Kite Group' }] },
      { authors: [{ family: 'Heron', given: 'B C' }] },
    ],
  ],
  [
    'RIS: a name without a comma among others with one',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nAU  - Finch, Ann\nAU  - Kite Flyers\nER  - \n',
    [{ authors: [{ family: 'Finch', given: 'Ann' }, { name: 'Kite Flyers' }] }],
  ],
  [
    'RIS: markup that was escaped twice',
    'a.ris',
    'TY  - JOUR\nTI  - On &lt;i&gt;Milvus&lt;/i&gt; &amp;amp; co\nER  - \n',
    [{ title: 'On Milvus & co' }],
  ],
  [
    'RIS: values that say there is none',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nAB  - [No abstract available]\nIS  - nan\nSP  - 3\nEP  - NA\nER  - \n',
    [{ abstract: undefined, issue: undefined, pages: '3' }],
  ],
  [
    'EBSCO: a notice after the abstract',
    'a.ris',
    'TY  - JOUR\nTI  - Kites\nAB  - Kites fly. Copyright of Winds is the property of Sail Press and its content may not be copied.\nER  - \n',
    [{ abstract: 'Kites fly.' }],
  ],
  [
    'Abstract as a heading, and as an adjective',
    'a.ris',
    'TY  - JOUR\nTI  - A\nAB  - Abstract Kites fly.\nER  - \nTY  - JOUR\nTI  - B\nAB  - Abstract interpretation is old.\nER  - \n',
    [{ abstract: 'Kites fly.' }, { abstract: 'Abstract interpretation is old.' }],
  ],
  [
    'Dimensions: a line before the headings',
    'a.csv',
    '"About the data: exported on May 12, 2024, by someone"\nRank,DOI,Title,Source title,Anthology title,PubYear,Authors\n1,10.1234/a,Kites,Winds,,2019,"Finch, Ann; Heron, Bo"\n1,,Sails,,Book of sails,2020,\n',
    [
      { title: 'Kites', venue: 'Winds', year: 2019, doi: '10.1234/a' },
      { title: 'Sails', venue: 'Book of sails' },
    ],
  ],
  [
    'headings in capitals, with units, in other languages',
    'a.csv',
    'TITLE (EN);AUTHOR(S);Jahr;Zeitschrift;Mots-clés\nKites;"Finch, A.";2020;Winds;air, wind\n',
    [{ title: 'Kites', year: 2020, venue: 'Winds', keywords: ['air', 'wind'] }],
  ],
  [
    'headings in Chinese after English ones',
    'a.csv',
    'Title-题名,Author-作者,Source-文献来源,Year-年\n风筝,赵一;钱二,风,2019\n',
    [{ title: '风筝', venue: '风', year: 2019, authors: [{ name: '赵一' }, { name: '钱二' }] }],
  ],
  [
    'camel case and identifiers',
    'a.tsv',
    'Title\tMeSH Terms\tarXiv ID\tPubMed ID\nKites\tAir; Wind\t2001.00001\t12\n',
    [{ keywords: ['Air', 'Wind'], arxivId: '2001.00001', pmid: '12' }],
  ],
  [
    'an article number where the first page is blank',
    'a.csv',
    'Title,Page start,Page end,Art. No.\nKites,1,9,\nSails,,,104\n',
    [{ pages: '1-9' }, { pages: '104' }],
  ],
  [
    'full names beside short ones',
    'a.txt',
    'AU\tAF\tTI\tSO\tDE\tID\nFinch, A\tFinch, Ann\tKites\tWINDS\tair\tPLUS\nHeron, B\t\tSails\tWINDS\t\tPLUS\n',
    [
      { authors: [{ family: 'Finch', given: 'Ann' }], keywords: ['air'] },
      { authors: [{ family: 'Heron', given: 'B' }], keywords: ['PLUS'] },
    ],
  ],
  [
    'Scopus: numbers after full names',
    'a.csv',
    'Authors,Author full names,Title\n"Finch A.","Finch, Ann (57190000001)",Kites\n',
    [{ authors: [{ family: 'Finch', given: 'Ann' }] }],
  ],
  ['a row number is no issue', 'a.csv', 'No.,Title,Year\n7,Kites,2001\n', [{ title: 'Kites', issue: undefined }]],
  [
    'NA, None and 0',
    'a.csv',
    'pmid,title,authors,year,journal,abstract\n0,Kites,None,NA,null,nan\n',
    [{ title: 'Kites', pmid: undefined, authors: undefined, venue: undefined, abstract: undefined }],
  ],
  [
    'Lens: given names first in a column',
    'a.csv',
    'Lens ID,Title,Author/s\n1,Kites,Ann Finch; Bo Heron\n2,Sails,Air Society\n',
    [
      {
        authors: [
          { family: 'Finch', given: 'Ann' },
          { family: 'Heron', given: 'Bo' },
        ],
      },
      { authors: [{ name: 'Air Society' }] },
    ],
  ],
  [
    'IEEE: keywords and people',
    'a.csv',
    '"Document Title",Authors,"Publication Title","Start Page","End Page","Author Keywords"\nKites,"A. Finch; B. Heron",Winds,1,5,air;wind\n',
    [
      {
        authors: [
          { family: 'Finch', given: 'A.' },
          { family: 'Heron', given: 'B.' },
        ],
        pages: '1-5',
        venue: 'Winds',
      },
    ],
  ],
  [
    'Web of Science: two types, a group beside full names',
    'a.txt',
    'FN Clarivate\nVR 1.0\nPT J\nAU Finch, A\nAF Finch, Ann\nCA Kite Watch\nTI Kites\nSO WINDS\nDT Article; Early Access\nER\n\nEF',
    [{ authors: [{ family: 'Finch', given: 'Ann' }, { name: 'Kite Watch' }], type: 'article' }],
  ],
  [
    'CNKI for RefWorks: a tag without a value, people by semicolons',
    'a.txt',
    'RT Dissertation/Thesis\nSR 1\nA1 赵一;钱二\nT1 风筝\nJF\nvo 3\nYR 2018\n',
    [{ title: '风筝', type: 'thesis', volume: '3', authors: [{ name: '赵一' }, { name: '钱二' }] }],
  ],
  [
    'a record with our names and a type is not CSL',
    'a.jsonl',
    '{"id":"1","title":"Kites","type":"article","authors":[{"family":"Finch","given":"Ann"}],"year":2020,"venue":"Winds"}\n',
    [{ type: 'article', year: 2020, venue: 'Winds', authors: [{ family: 'Finch', given: 'Ann' }] }],
  ],
  [
    'CSL is told by its own names',
    'a.json',
    '[{"type":"article","title":"Kites","issued":[{"year":"2009"}]}]',
    [{ type: 'preprint', year: 2009 }],
  ],
  [
    'Lens JSON',
    'a.json',
    '{"total":1,"data":[{"lens_id":"000","title":"Kites","authors":[{"first_name":"Ann","last_name":"Finch"},{"collective_name":"Kite Watch"}],"year_published":2019,"source":{"title":"Winds"},"external_ids":[{"type":"doi","value":"10.1234/A"},{"type":"pmid","value":"12"}],"start_page":"1","end_page":"5","publication_type":"journal article"}]}',
    [
      {
        title: 'Kites',
        doi: '10.1234/a',
        pmid: '12',
        pages: '1-5',
        venue: 'Winds',
        type: 'article',
        authors: [{ family: 'Finch', given: 'Ann' }, { name: 'Kite Watch' }],
      },
    ],
  ],
  [
    'DBLP JSON',
    'a.json',
    '{"result":{"hits":{"hit":[{"info":{"authors":{"author":[{"text":"Wei Li 0001"},{"text":"Bo Heron"}]},"title":"Kites &amp; wind.","venue":"WIND","year":"2019","type":"Conference and Workshop Papers","doi":"10.1234/D","key":"conf/wind/Li19","url":"https://dblp.org/rec/conf/wind/Li19"}}]}}}',
    [
      {
        title: 'Kites & wind',
        type: 'conference',
        doi: '10.1234/d',
        authors: [
          { family: 'Li', given: 'Wei' },
          { family: 'Heron', given: 'Bo' },
        ],
      },
    ],
  ],
  [
    'PubMed summaries',
    'a.json',
    '{"header":{"type":"esummary"},"result":{"uids":["12"],"12":{"uid":"12","pubdate":"2019 Apr","title":"Kites.","authors":[{"name":"Finch A","authtype":"Author"}],"fulljournalname":"Winds","articleids":[{"idtype":"doi","value":"10.1234/p"}],"pubtype":["Journal Article"]}}}',
    [{ title: 'Kites.', pmid: '12', year: 2019, venue: 'Winds', doi: '10.1234/p', authors: [{ family: 'Finch', given: 'A' }] }],
  ],
  [
    "Kaggle's arXiv",
    'a.json',
    '{"id":"0704.0001","authors":"C. Bal\\\\\'azs","title":"Kites in\\n  $R^2$","categories":"hep-ph","journal-ref":null,"abstract":"We fly.","versions":[{"version":"v1","created":"Mon, 2 Apr 2007 19:18:42 GMT"}],"authors_parsed":[["Balázs","C.",""]]}\n',
    [{ title: 'Kites in R²', arxivId: '0704.0001', year: 2007, type: 'preprint', authors: [{ family: 'Balázs', given: 'C.' }] }],
  ],
  [
    "arXiv's Atom",
    'a.xml',
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2001.00001v2</id><published>2020-01-01T00:00:00Z</published><title>Kites</title><summary>We fly.</summary><author><name>Ann van Finch</name></author></entry></feed>',
    [
      {
        title: 'Kites',
        arxivId: '2001.00001v2',
        year: 2020,
        abstract: 'We fly.',
        authors: [{ family: 'van Finch', given: 'Ann' }],
      },
    ],
  ],
  [
    'Zotero RDF: the journal after the article, the DOI in it',
    'a.rdf',
    '<rdf:RDF xmlns:rdf="r" xmlns:z="z" xmlns:bib="b" xmlns:dc="d" xmlns:dcterms="t" xmlns:foaf="f" xmlns:prism="p"><bib:Article rdf:about="#1"><z:itemType>journalArticle</z:itemType><dcterms:isPartOf rdf:resource="urn:issn:1"/><bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Finch</foaf:surname><foaf:givenName>Ann</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors><dc:title>Kites</dc:title><dc:date>2019</dc:date></bib:Article><z:Attachment rdf:about="#2"><z:itemType>attachment</z:itemType></z:Attachment><bib:Journal rdf:about="urn:issn:1"><prism:volume>4</prism:volume><dc:title>Winds</dc:title><dc:identifier>DOI 10.1234/r</dc:identifier></bib:Journal></rdf:RDF>',
    [
      {
        title: 'Kites',
        type: 'article',
        venue: 'Winds',
        volume: '4',
        doi: '10.1234/r',
        authors: [{ family: 'Finch', given: 'Ann' }],
      },
    ],
  ],
  [
    'CSL-YAML',
    'a.yaml',
    "---\nreferences:\n- id: finch\n  type: article-journal\n  title: 'Kites: a start'\n  author:\n  - family: Finch\n    given: Ann\n  issued:\n    date-parts:\n    - - 2019\n  abstract: >\n    We\n    fly.\n- {id: b, title: Sails, DOI: 10.1234/y}\n...\n",
    [
      { title: 'Kites: a start', year: 2019, abstract: 'We fly.', authors: [{ family: 'Finch', given: 'Ann' }] },
      { title: 'Sails', doi: '10.1234/y' },
    ],
  ],
  [
    'PubMed: no title but a vernacular one, a section without a label',
    'a.xml',
    '<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>12</PMID><Article><ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>Aquiloni.</VernacularTitle><Abstract><AbstractText Label="">We fly.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>',
    [{ title: 'Aquiloni.', abstract: 'We fly.' }],
  ],
  [
    'MODS: an article before the title',
    'a.xml',
    '<mods><titleInfo><nonSort>The</nonSort><title>kite</title></titleInfo></mods>',
    [{ title: 'The kite' }],
  ],
  [
    'EndNote XML: a group ends with a comma',
    'a.xml',
    '<xml><records><record><contributors><authors><author>Kite Watch,</author><author>Finch,</author></authors></contributors><titles><title>Kites</title></titles></record></records></xml>',
    [{ authors: [{ name: 'Kite Watch' }, { family: 'Finch' }] }],
  ],
  [
    'BibTeX: data, sets and controls are no papers',
    'a.bib',
    '@control{c, options={3.8}}\n@xdata{x, publisher={P}}\n@set{s, entryset={a}}\n@article{a, title={Kites}, xdata={x}}',
    [{ title: 'Kites' }],
  ],
  [
    'BibTeX: people by commas, keywords of Scopus',
    'a.bib',
    '@article{a, title={Kites}, author={Finch A., Heron B., Wren C. and Owl D.}, author_keywords={air; wind}}',
    [
      {
        authors: ['Finch', 'Heron', 'Wren', 'Owl'].map((family, index) => ({ family, given: `${'ABCD'[index]}.` })),
        keywords: ['air', 'wind'],
      },
    ],
  ],
  [
    'BibTeX: LaTeX in names and DOIs',
    'a.bib',
    '@article{a, title={On {\\ifmmode \\mbox{x}\\else \\"u\\fi{}}ber}, doi={10.1234/a{\\_}b}}\n@article{b, title={B}, doi={10.1002/(SICI)1097-0258(19990101) 18:1 &lt;1::AID-SIM1&gt; 3.0.CO;2-Z}}\n@article{c, title={C}, url={https://doi.org/10.1234/c/full}}',
    [
      { title: 'On über', doi: '10.1234/a_b' },
      { doi: '10.1002/(sici)1097-0258(19990101)18:1<1::aid-sim1>3.0.co;2-z' },
      { doi: '10.1234/c' },
    ],
  ],
  [
    'BibTeX: preprints of arXiv',
    'a.bib',
    '@misc{a, title={A}, eprint={2001.00001}, archivePrefix={arXiv}}\n@article{b, title={B}, journal={arXiv preprint arXiv:2001.00002}}\n@article{c, title={C}, journal={Winds}, eprint={2001.00003}, archivePrefix={arXiv}}',
    [
      { type: 'preprint', arxivId: '2001.00001' },
      { type: 'preprint', arxivId: '2001.00002' },
      { type: 'article', arxivId: '2001.00003' },
    ],
  ],
]

test.each(SOURCES)('%s', async (_, file, text, expected) => {
  const { papers } = await read(text, file)
  const keys = expected.map((fields) => Object.keys(fields) as (keyof Paper)[])
  expect(papers.map((paper, index) => Object.fromEntries((keys[index] ?? []).map((key) => [key, paper[key]])))).toEqual(expected)
})

test('no new reader hangs or fails, however its file is cut and damaged', async () => {
  const names = /YAML|Atom|RDF|Lens JSON|DBLP|PubMed summaries|Kaggle|CNKI|Dimensions|Cochrane/
  const files = SOURCES.filter(([source]) => names.test(source))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.nat(3_000),
      fc.string({ maxLength: 12 }),
      async ([, name, text], at, noise) => {
        for (const hostile of [text.slice(0, at), text.slice(at), text.slice(0, at) + noise + text.slice(at + noise.length)])
          for (const report of (await readPapers([fileOf(hostile, name, 50)])).files) expect(report.failed).toBe(false)
      },
    ),
    { numRuns: 200 },
  )
})

test('the files of a tar are read, packed or not; a cut one is reported', async () => {
  const header = (name: string, size: number, kind = '0') => {
    const bytes = new Uint8Array(512)
    const put = (text: string, from: number) => bytes.set(new TextEncoder().encode(text), from)
    put(name, 0)
    put(`${size.toString(8).padStart(11, '0')}\0`, 124)
    put(kind, 156)
    put('ustar\u000000', 257)
    return bytes
  }
  const file = (name: string, text: string, kind?: string) => {
    const content = new TextEncoder().encode(text)
    const padded = new Uint8Array(Math.ceil(content.length / 512) * 512)
    padded.set(content)
    return [header(name, content.length, kind), padded]
  }
  const parts = [
    ...file('folder/', '', '5'),
    ...file('././@LongLink', `folder/${'long'.repeat(40)}.bib\0`, 'L'),
    ...file('folder/cut.bib', '@article{a, title={Kites}}'),
    ...file('folder/._b.ris', 'metadata'),
    ...file('b.ris', 'TY  - JOUR\nTI  - Sails\nER  - \n'),
    new Uint8Array(1_024),
  ]
  const tar = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer())
  for (const [bytes, name] of [
    [tar, 'a.tar'],
    [gzipSync(tar), 'a.tar.gz'],
  ] as const) {
    const { papers, problems } = await readPapers([fileOf(bytes, name, 700)])
    expect(problems).toEqual([])
    expect(papers.map(({ title, source }) => [title, source!.file])).toEqual([
      ['Kites', `${name}/folder/${'long'.repeat(40)}.bib`],
      ['Sails', `${name}/b.ris`],
    ])
  }
  expect((await read(tar.subarray(0, tar.length - 1_530), 'a.tar')).problems).toMatchObject([{ code: 'UNREADABLE_FILE' }])
})

test.each([
  ['an EndNote library', 'my.enl', 'SQLite format 3\u0000', /EndNote/],
  ['a database', 'zotero.sqlite', 'SQLite format 3\u0000', /database/],
  ['a web page', 'export.ris', '<!DOCTYPE html><html><body>TY  - no</body></html>', /web page/],
  ['a web page named .xls', 'export.xls', '<html><table><tr><th>Title</th></tr></table></html>', /\.xlsx or CSV/],
  ['a table whose headings are not known', 'a.csv', 'Naslov,Leto\nKites,2001\n', /“Naslov”, “Leto”/],
])('%s is told by name, with the next step', async (_, file, text, reason) => {
  const { papers, problems } = await read(text, file)
  expect(papers).toEqual([])
  expect(problems).toMatchObject([{ kind: 'lost', code: 'UNKNOWN_FORMAT', reason: expect.stringMatching(reason) }])
})

test('a workbook of Excel 97 and the packages of other programs are told by name', async () => {
  const old = Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...new Array(600).fill(0)])
  expect((await read(old, 'a.xls')).problems).toMatchObject([{ code: 'UNKNOWN_FORMAT', reason: expect.stringMatching(/\.xlsx/) }])
})

test('a table whose headings are not known is read with a mapping', async () => {
  const { papers } = await read('Naslov,Leto\nKites,2001\n', 'a.csv', { mapping: { title: 'Naslov', year: 'Leto' } })
  expect(papers).toMatchObject([{ title: 'Kites', year: 2001 }])
})

test('an object by ids that is too long for a record is read record by record', async () => {
  const records = Array.from({ length: 3_000 }, (_, index) => [
    `id${index}`,
    { paper_id: `id${index}`, title: `Kite ${index}`, abstract: 'x'.repeat(500) },
  ])
  const { papers, problems } = await read(JSON.stringify(Object.fromEntries(records)), 'a.json')
  expect(problems).toEqual([])
  expect([papers.length, papers[0]!.id, papers.at(-1)!.title]).toEqual([3_000, 'id0', 'Kite 2999'])
})
