import { expect, test } from 'vitest'
import { read } from '../testing.js'

test('PubMed: sections of an abstract with their labels, groups among the people, the DOI of the article and not of its references', async () => {
  const text = `<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">7</PMID><Article>
<Journal><JournalIssue><Volume>9</Volume><Issue>37</Issue><PubDate><MedlineDate>1999 Spring</MedlineDate></PubDate></JournalIssue><Title>J</Title></Journal>
<ArticleTitle>Of <i>APOE</i> &amp; H<sub>2</sub>O.</ArticleTitle><Pagination><StartPage>1</StartPage><EndPage>9</EndPage></Pagination>
<ELocationID EIdType="doi">10.1000/A</ELocationID>
<Abstract><AbstractText Label="BACKGROUND">One.</AbstractText><AbstractText Label="RESULTS">Two.</AbstractText><CopyrightInformation>(c) X</CopyrightInformation></Abstract>
<AuthorList><Author><LastName>Lee</LastName><ForeName>Ann</ForeName></Author><Author><CollectiveName>Group X</CollectiveName></Author></AuthorList>
<PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList></Article>
<KeywordList><Keyword>one</Keyword></KeywordList></MedlineCitation>
<PubmedData><ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/other</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>`
  const { papers, problems } = await read(text)
  expect(problems).toEqual([])
  expect(papers).toMatchObject([
    {
      title: 'Of APOE & H2O.',
      abstract: 'BACKGROUND: One. RESULTS: Two.',
      authors: [{ family: 'Lee', given: 'Ann' }, { name: 'Group X' }],
      year: 1999,
      venue: 'J',
      volume: '9',
      issue: '37',
      pages: '1-9',
      doi: '10.1000/a',
      pmid: '7',
      keywords: ['one'],
      type: 'article',
      key: '7',
    },
  ])
})

test('EndNote: text in styles, wherever it is cut', async () => {
  const text = `<xml><records><record><rec-number>12</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Lee, Ann</style></author></authors></contributors>
<titles><title><style face="normal">A </style><style face="italic">title</style></title><secondary-title>J</secondary-title></titles>
<pages>1-9</pages><volume>3</volume><number>4</number><dates><year>2001</year></dates><electronic-resource-num>10.1000/x</electronic-resource-num></record></records></xml>`
  const { papers } = await read(text)
  expect(papers).toMatchObject([
    {
      key: '12',
      type: 'article',
      title: 'A title',
      authors: [{ family: 'Lee', given: 'Ann' }],
      venue: 'J',
      volume: '3',
      issue: '4',
      pages: '1-9',
      year: 2001,
      doi: '10.1000/x',
    },
  ])
})

test('a record with a fault is read as far as it goes, and the next one whole', async () => {
  const text =
    '<xml><records><record><titles><title>A</titles></record><record><titles><title>B</title></titles></record><record><titles><title>C'
  const { papers, problems } = await read(text)
  expect(papers.map(({ title }) => title)).toEqual(['A', 'B', 'C'])
  expect(problems.map(({ kind }) => kind)).toEqual(['noted', 'noted'])
})

test('BibTeXML: fields of BibTeX whose text is no LaTeX, people apart or in one text', async () => {
  const text = `<?xml version="1.0"?><bibtex:file xmlns:bibtex="http://bibtexml.sf.net/">
<bibtex:entry id="lee2001"><bibtex:article><bibtex:author>Lee, Ann and Roe, B.</bibtex:author><bibtex:title>Costs &amp; {benefits} of 5 %</bibtex:title>
<bibtex:journal>J</bibtex:journal><bibtex:year>2001</bibtex:year><bibtex:pages>1-9</bibtex:pages><bibtex:doi>10.1000/A_b</bibtex:doi></bibtex:article></bibtex:entry>
<bibtex:entry id="x"><bibtex:inbook><bibtex:author><bibtex:person>Ann Lee</bibtex:person><bibtex:person>B Roe</bibtex:person></bibtex:author><bibtex:title>T</bibtex:title></bibtex:inbook></bibtex:entry>
<bibtex:entry id="empty"></bibtex:entry></bibtex:file>`
  const { papers, problems } = await read(text)
  expect(problems).toMatchObject([{ kind: 'lost', line: 5 }])
  const authors = [
    { family: 'Lee', given: 'Ann' },
    { family: 'Roe', given: 'B.' },
  ]
  expect(papers).toMatchObject([
    {
      key: 'lee2001',
      type: 'article',
      title: 'Costs & {benefits} of 5 %',
      authors,
      venue: 'J',
      year: 2001,
      pages: '1-9',
      doi: '10.1000/a_b',
    },
    { key: 'x', type: 'chapter', title: 'T', authors: [authors[0], { family: 'Roe', given: 'B' }] },
  ])
})
