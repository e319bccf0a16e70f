import type { TextFormat } from '../../src/core/papers/formats.js'

/** Small files of each bibliography format, in the shapes that programs and databases write. */
export const BIBLIOGRAPHIES: Readonly<Record<TextFormat, readonly [name: string, text: string]>> = {
  bibtex: [
    'a.bib',
    `% Exported
@string{jan = "January" # " (" # {1st} # ")"}
@preamble{"\\newcommand{\\x}{y}"}
@comment{jabref-meta: databaseType:bibtex;}
@book{base, title = {A {Large} Book}, editor = "Ames, Ann and {The Kite Group} and van den Berg, Jr, B.", year = 1999, isbn = {978-0}}
@inproceedings{child, crossref = {base}, title = {{On} $\\alpha_{2}^{+}$ {\\"o} \\'{e} \\textit{kites} \\& co}, author = {Finch, A. and others}, pages = {12--34}, month = jan,
  keywords = {wind, sails}, abstract = "We {fly}. \\cite{x} 10\\% of \\url{http://a.example/b_c}", doi = {10.1000/xyz}, eprint = {1234.5678v2}, archiveprefix = {arXiv}, file = {:a.pdf:PDF}}
@article(paren, title = {In parentheses}, year = {2001a})
`,
  ],
  ris: [
    'a.ris',
    'TY  - JOUR\nAU  - Finch, Ann B., Jr.\nA1  - Heron, Bo\nTI  - Kites\n  over two lines\nT2  - Winds\nPY  - 2001/05/03/Spring\nSP  - 12\nEP  - 34\nVL  - 5\nIS  - 2\nAB  - We fly.\n\nMore.\nDO  - https://doi.org/10.1000/ABC\nKW  - wind\nKW  - sail\nUR  - http://a.example\nN1  - note\nER  - \n\nTY  - BOOK\nBT  - Sails\nID  - 7\nER  - \n',
  ],
  nbib: [
    'a.nbib',
    'PMID- 31000001\nOWN - NLM\nDP  - 2019 Apr 3\nTI  - Kites and the\n      winds.\nPG  - 123-45\nAB  - BACKGROUND: We fly.\n      On.\nFAU - Finch, Ann\nAU  - Finch A\nCN  - Kite Group\nAID - 10.1000/abc [doi]\nPT  - Journal Article\nTA  - Winds\nJT  - Journal of winds\nMH  - Wind/*physiology\nSO  - Winds. 2019;5(2):12\n\nPMID- 2\nTI  - Sails\n',
  ],
  wos: [
    'a.txt',
    'FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Finch, A\n   Heron, B\nAF Finch, Ann\n   Heron, Bo\nTI Kites and\n   winds\nSO WINDS\nDE wind; sail\nAB We fly.\nPY 2001\nVL 5\nBP 12\nEP 34\nDI 10.1000/abc\nUT WOS:0001\nPM 31000001\nCR Ames A, 1999, SAILS\n   Berg B, 1998\nER\n\nEF\n',
  ],
  refer: [
    'a.enw',
    '%0 Journal Article\n%A Finch, Ann\n%A Heron, Bo\n%T Kites\n%J Winds\n%D 2001\n%V 5\n%N 2\n%P 12-34\n%X We fly.\n%R 10.1000/abc\n%K wind\nsail\n%F 7\n\n%0 Book\n%T Sails\n',
  ],
  refworks: [
    'a.txt',
    'RT Journal Article\nSR Electronic\nID 7\nA1 Finch,Ann\nT1 Kites\nJF Winds\nYR 2001\nVO 5\nIS 2\nSP 12\nOP 34\nK1 wind\nAB We fly.\nDO 10.1000/abc\nER \n\nRT Book\nT1 Sails\n',
  ],
  copac: ['a.txt', 'TI- Kites\nAU- Finch, Ann\nPY- 2001\nPU- London : Wind\nKW- wind\nHL- 5\n\nTI- Sails\nAU- Heron, Bo\n'],
  ovid: [
    'a.cgi',
    '<1>\nAccession Number\n  00001\nAuthor\n  Finch A. Heron B.\nTitle\n  Kites and winds.\nSource\n  Winds. 5(2):12-34, 2001.\nAbstract\n  We fly.\n  On.\nDigital Object Identifier\n  http://dx.doi.org/10.1000/abc\n\n<2>\nTitle\n  Sails\n',
  ],
  biblioscape: [
    'a.txt',
    '--RT-- Journal Article\n--ID-- 7\n--AU-- Finch, Ann; Heron, Bo\n--TI-- Kites\n--ST-- Winds\n--YP-- 2001\n--PS-- 12\n--PE-- 34\n--AB-- We fly.\n------\n--RT-- Book\n--TI-- Sails\n------\n',
  ],
  silverplatter: [
    'a.txt',
    'Record 1 of 2 - PsycLIT\nTI: Kites and winds\nAU: Finch,-Ann; Heron,-Bo\nSO: Winds. 2001 May; Vol 5(2): 12-34\nPY: 2001\nAB: We fly.\n   On.\nDE: wind; sail\nAN: 7\n\nRecord 2 of 2 - PsycLIT\nTI: Sails\n',
  ],
  noteexpress: [
    'a.txt',
    '{Reference Type}: Journal Article\n{Title}: Kites\n{Author}: Finch, Ann; Heron, Bo\n{Year}: 2001\n{Journal}: Winds\n{Abstract}: We fly.\n{DOI}: 10.1000/abc\n\n{Reference Type}: Book\n{Title}: Sails\n',
  ],
  'repec-nep': [
    'a.txt',
    'NEP: New Economics Papers\nWind Economics\nIssue of 2001-05-03\nIn this issue we have:\n\n1. Kites\nAnn Finch, Bo Heron\n\nContents.\n\n1. Kites\nDate: 2001-05\nBy: Ann Finch (University of Wind)\nBo Heron (Sail)\nURL: http://d.repec.org/n?u=RePEc:x\nWe fly.\nKeywords: wind, sail\nJEL: A1\n\n2. Sails\nDate: 2001\nBy: Bo Heron\n',
  ],
  'pubmed-xml': [
    'a.xml',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">31000001</PMID><Article><Journal><JournalIssue><Volume>5</Volume><Issue>2</Issue><PubDate><MedlineDate>2001 Mar-Apr</MedlineDate></PubDate></JournalIssue><Title>Winds</Title></Journal><ArticleTitle>Kites &amp; <i>winds</i> H<sub>2</sub>O</ArticleTitle><Pagination><MedlinePgn>12-34</MedlinePgn></Pagination><ELocationID EIdType="doi" ValidYN="Y">10.1000/abc</ELocationID><Abstract><AbstractText Label="AIM">We fly.</AbstractText><AbstractText>On.</AbstractText></Abstract><AuthorList CompleteYN="Y"><Author><LastName>Finch</LastName><ForeName>Ann</ForeName><Suffix>Jr</Suffix></Author><Author><CollectiveName>Kite Group</CollectiveName></Author></AuthorList><PublicationTypeList><PublicationType UI="D1">Journal Article</PublicationType></PublicationTypeList></Article><KeywordList><Keyword>wind</Keyword></KeywordList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">31000001</ArticleId></ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>`,
  ],
  'endnote-xml': [
    'a.xml',
    '<xml><records><record><database name="a.enl">a.enl</database><source-app name="EndNote" version="20">EndNote</source-app><rec-number>7</rec-number><ref-type name="Journal Article">17</ref-type><contributors><authors><author><style face="normal">Finch, Ann</style></author></authors></contributors><titles><title><style>Kites &lt;b&gt;</style></title><secondary-title>Winds</secondary-title></titles><pages>12-34</pages><volume>5</volume><number>2</number><keywords><keyword>wind</keyword></keywords><dates><year>2001</year><pub-dates><date>May</date></pub-dates></dates><electronic-resource-num>10.1000/abc</electronic-resource-num><abstract>We fly.</abstract><urls><related-urls><url>http://a.example</url></related-urls></urls><custom1>x</custom1></record></records></xml>',
  ],
  'ms-office-xml': [
    'a.xml',
    '<?xml version="1.0"?><b:Sources xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography" SelectedStyle=""><b:Source><b:Tag>Fin01</b:Tag><b:SourceType>JournalArticle</b:SourceType><b:Title>Kites</b:Title><b:JournalName>Winds</b:JournalName><b:Year>2001</b:Year><b:Pages>12-34</b:Pages><b:Author><b:Author><b:NameList><b:Person><b:Last>Finch</b:Last><b:First>Ann</b:First></b:Person></b:NameList></b:Author><b:Editor><b:NameList><b:Person><b:Last>Heron</b:Last></b:Person></b:NameList></b:Editor></b:Author></b:Source></b:Sources>',
  ],
  'mods-xml': [
    'a.xml',
    '<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods ID="f1"><titleInfo><nonSort>The</nonSort><title>Kites</title><subTitle>winds</subTitle></titleInfo><name type="personal"><namePart type="family">Finch</namePart><namePart type="given">Ann</namePart><role><roleTerm type="text">author</roleTerm></role></name><originInfo><dateIssued encoding="w3cdtf">2001-05</dateIssued></originInfo><abstract>We fly.</abstract><identifier type="doi">10.1000/abc</identifier><relatedItem type="host"><titleInfo><title>Winds</title></titleInfo><part><detail type="volume"><number>5</number></detail><extent unit="page"><start>12</start><end>34</end></extent></part></relatedItem><subject><topic>wind</topic></subject></mods></modsCollection>',
  ],
  bibtexml: [
    'a.xml',
    '<bibtex:file xmlns:bibtex="http://bibtexml.sf.net/"><bibtex:entry id="f1"><bibtex:article><bibtex:author>Finch, Ann and Heron, Bo</bibtex:author><bibtex:title>Kites {\\"o}</bibtex:title><bibtex:journal>Winds</bibtex:journal><bibtex:year>2001</bibtex:year><bibtex:pages>12--34</bibtex:pages><bibtex:doi>10.1000/abc</bibtex:doi></bibtex:article></bibtex:entry></bibtex:file>',
  ],
  'citavi-xml': [
    'a.ctv5',
    '<CitaviExchangeData Version="5"><Persons><Person id="p1"><LastName>Finch</LastName><FirstName>Ann</FirstName></Person></Persons><Keywords><Keyword id="k1"><Name>wind</Name></Keyword></Keywords><Periodicals><Periodical id="j1"><Name>Winds</Name></Periodical></Periodicals><References><Reference id="r1"><ReferenceType>JournalArticle</ReferenceType><Title>Kites</Title><Year>2001</Year><Volume>5</Volume><PageRange>&lt;sp&gt;12&lt;/sp&gt;&lt;os&gt;12-34&lt;/os&gt;</PageRange><PeriodicalID>j1</PeriodicalID><DOI>10.1000/abc</DOI><Abstract>We fly.</Abstract></Reference></References><ReferenceAuthors><OnetoN>r1;p1</OnetoN></ReferenceAuthors><ReferenceKeywords><OnetoN>r1;k1</OnetoN></ReferenceKeywords></CitaviExchangeData>',
  ],
  'zotero-rdf': [
    'a.rdf',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:z="http://www.zotero.org/namespaces/export#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:bib="http://purl.org/net/biblio#" xmlns:foaf="http://xmlns.com/foaf/0.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/"><bib:Article rdf:about="http://a.example"><z:itemType>journalArticle</z:itemType><dcterms:isPartOf rdf:resource="urn:issn:1"/><bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Finch</foaf:surname><foaf:givenName>Ann</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors><dc:title>Kites</dc:title><dcterms:abstract>We fly.</dcterms:abstract><dc:date>2001-05</dc:date><bib:pages>12-34</bib:pages><dc:identifier>DOI 10.1000/abc</dc:identifier><dc:subject>wind</dc:subject></bib:Article><bib:Journal rdf:about="urn:issn:1"><dc:title>Winds</dc:title><prism:volume>5</prism:volume></bib:Journal></rdf:RDF>',
  ],
  'atom-xml': [
    'a.xml',
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><title>query</title><entry><id>http://arxiv.org/abs/2001.00001v2</id><published>2020-01-01T00:00:00Z</published><title>Kites\n  and winds</title><summary>We fly.</summary><author><name>Ann Finch</name></author><arxiv:doi>10.1000/abc</arxiv:doi><category term="cs.CL"/></entry></feed>',
  ],
  json: [
    'a.json',
    '[{"id":"f1","type":"article-journal","title":"Kites","author":[{"family":"Finch","given":"Ann","non-dropping-particle":"van"},{"literal":"Kite Group"}],"issued":{"date-parts":[[2001,5,3]]},"container-title":"Winds","volume":"5","page":"12-34","DOI":"10.1000/abc","abstract":"<jats:p>We fly.</jats:p>","keyword":"wind, sail"},{"key":"ABC","data":{"itemType":"journalArticle","title":"Sails","creators":[{"creatorType":"author","firstName":"Bo","lastName":"Heron"}],"date":"2001"}},{"id":"https://openalex.org/W1","display_name":"Rigs","publication_year":2002,"authorships":[{"author":{"display_name":"Ann Finch"}}],"abstract_inverted_index":{"We":[0],"fly":[1,3],"on":[2]},"ids":{"pmid":"https://pubmed.ncbi.nlm.nih.gov/1"},"concepts":[{"display_name":"Wind"}]}]',
  ],
  'csl-yaml': [
    'a.yaml',
    '---\nreferences:\n- id: f1\n  type: article-journal\n  title: "Kites: \\u00e9 and\n    winds"\n  author:\n  - family: Finch\n    given: Ann\n  - literal: \'Kite \'\'Group\'\n  issued:\n    date-parts:\n    - - 2001\n      - 5\n  abstract: |\n    We fly.\n\n    On.\n  container-title: >-\n    Journal of\n    winds\n  keyword: [wind, {a: b}, "sail"]\n  DOI: 10.1000/abc # note\n- {id: s1, title: Sails}\n...\n',
  ],
  csv: [
    'a.csv',
    '\ufeffTitle,Authors,Publication Year,"Source, title",Abstract,DOI,Volume,Issue,Page start,Page end,Author Keywords\r\n"Kites, ""and"" winds","Finch, A.; Heron, B.",2001,Winds,"We fly.\r\nOn.",10.1000/abc,5,2,12,34,wind; sail\r\nSails,"Heron, B.",2002,,,,,,,,\r\n',
  ],
}

/** Pieces of which the formats' grammars are made. */
export const TOKENS: readonly string[] = [
  '@article{',
  '@string{x = ',
  'crossref = {base},',
  ' # ',
  '\\',
  '\\begin{',
  '\\alpha',
  '{\\"',
  '$$',
  ' and ',
  'ER  - \n',
  'TY  - JOUR\n',
  'PMID- 1\n',
  '\n      ',
  '%0 Book\n',
  '<1>\n',
  'Record 1 of 2\n',
  '<a b="c">',
  '</a>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '<?x ?>',
  '<!--',
  '<![CDATA[',
  ']]>',
  '&a;',
  '&lt;',
  '"',
  '\\u0000',
  '[',
  '{"a":',
  ',',
  ';',
  '\t',
  ': ',
  '- ',
  '|\n',
  '&x',
  '*x',
  '!!js/function ',
  '<<: ',
  '# ',
  '---\n',
  "'",
]
