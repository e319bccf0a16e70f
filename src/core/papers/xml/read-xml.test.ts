import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { read } from '../testing.js'

test('PubMed: labelled sections of an abstract, groups among the people, the DOI of the article rather than of its references', async () => {
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

test('EndNote: text in style elements', async () => {
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

test('a malformed record is read as far as possible, and the next one completely', async () => {
  const text =
    '<xml><records><record><titles><title>A</titles></record><record><titles><title>B</title></titles></record><record><titles><title>C'
  const { papers, problems } = await read(text)
  expect(papers.map(({ title }) => title)).toEqual(['A', 'B', 'C'])
  expect(problems.map(({ kind }) => kind)).toEqual(['noted', 'noted'])
})

test('BibTeXML: fields whose text is not LaTeX, people in one or several elements', async () => {
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

test('Citavi: people, journals, keywords and books by their ids, in any order, also from a zipped backup', async () => {
  const text = `\ufeff<?xml version="1.0" encoding="utf-8"?>
<CitaviExchangeData Version="6.3.0.0"><Persons>
<Person id="p1"><FirstName>Ada</FirstName><LastName>Bell</LastName><MiddleName>M.</MiddleName><Prefix>van der</Prefix></Person></Persons>
<References>
<Reference id="r1"><ReferenceType>JournalArticle</ReferenceType><Title>Ferns &amp; mosses</Title><Subtitle>A survey</Subtitle>
<Abstract>Of ferns.</Abstract><CitationKey>Bell 2001</CitationKey><DOI>10.1000/A</DOI><PubMedID>7</PubMedID><Number>4</Number><Volume>3</Volume><Year>2001</Year>
<PageRange><![CDATA[<sp>
  <n>11</n>
  <os>11</os>
</sp>
<ep>
  <n>19</n>
  <os>19</os>
</ep>
<os>11–19</os>]]></PageRange><PeriodicalID>j1</PeriodicalID><Notes>Read.</Notes></Reference>
<Reference id="r2"><ReferenceType>Contribution</ReferenceType><Title>Moss</Title><PageRange>5</PageRange></Reference>
<Reference id="r3"><ReferenceType>ConferenceProceedings</ReferenceType><Title>Botany days</Title><Date>12.05.1999</Date></Reference>
</References>
<Persons><Person id="p2"><LastName>WHO</LastName></Person></Persons>
<Periodicals><Periodical id="j1"><Name>J. Bot.</Name></Periodical></Periodicals>
<Keywords><Keyword id="k1"><Name>fern</Name></Keyword></Keywords>
<Publishers><Publisher id="u1"><Name>Leaf</Name></Publisher></Publishers>
<ReferenceAuthors><OnetoN>r1;p1;p2</OnetoN><OnetoN>r2;p2;gone</OnetoN></ReferenceAuthors>
<ReferenceEditors><OnetoN>r3;p1</OnetoN></ReferenceEditors>
<ReferenceKeywords><OnetoN>r1;k1</OnetoN></ReferenceKeywords><ReferencePublishers><OnetoN>r3;u1</OnetoN></ReferencePublishers>
<ReferenceReferences><OnetoN>r3;r2</OnetoN></ReferenceReferences></CitaviExchangeData>`
  const papers = [
    {
      key: 'Bell 2001',
      type: 'article',
      title: 'Ferns & mosses: A survey',
      abstract: 'Of ferns.',
      authors: [{ family: 'van der Bell', given: 'Ada M.' }, { name: 'WHO' }],
      year: 2001,
      venue: 'J. Bot.',
      volume: '3',
      issue: '4',
      pages: '11-19',
      doi: '10.1000/a',
      pmid: '7',
      keywords: ['fern'],
      source: { record: 1, line: 5, format: 'citavi-xml' },
      fields: { Notes: ['Read.'] },
    },
    { type: 'conference', title: 'Moss', authors: [{ name: 'WHO' }], venue: 'Botany days', pages: '5', source: { record: 2 } },
    {
      type: 'book',
      title: 'Botany days',
      year: 1999,
      fields: { ReferenceEditors: ['van der Bell, Ada M.'], ReferencePublishers: ['Leaf'] },
    },
  ]
  const backup = zipSync({ 'Project.xml': strToU8(text) })
  for (const result of [await read(text), await read(backup, 'Project.ctv6bak')]) {
    expect(result.problems).toEqual([])
    expect(result.papers).toMatchObject(papers)
  }
  const { papers: cut, problems } = await read(text.slice(0, text.indexOf('<Reference id="r3">') + 60))
  expect(cut.map(({ title }) => title)).toEqual(['Ferns & mosses: A survey', 'Moss', ''])
  expect(problems).toMatchObject([{ kind: 'noted', code: 'BAD_RECORD', line: 17 }])
})
