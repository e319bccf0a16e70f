import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/cli/report.js'
import type { Paper } from '../src/core/papers/paper.js'
import { readPapers } from '../src/core/papers/read-papers.js'
import type { BenchOptions } from './bench-options.js'

/** Files of JabRef's and citation-js's tests, each with the file that has the same records in another format. */
const EQUIVALENT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['JournalArticle', 'Keywords', 'OptionalFields', 'ArticleST', 'Inbook', 'UnknownType'].map((name) => [
      `jabref/BiblioscapeImporterTest${name}.txt`,
      `jabref/BiblioscapeImporterTest${name}.bib`,
    ]),
  ),
  'jabref/CopacImporterTest1.txt': 'jabref/CopacImporterTest1.bib',
  'jabref/EndnoteXmlImporterTestLabelAndMultiTitle.xml': 'jabref/EndnoteXmlImporterTestLabelAndMultiTitle.bib',
  ...Object.fromEntries(
    [
      'MedlineImporterTestKeywordSingleEntry',
      'MedlineImporterTestMeshHeadingList',
      'MsBibImporterTest3',
      'MsBibImporterTest6',
    ].map((name) => [`jabref/${name}.xml`, `jabref/${name}.bib`]),
  ),
  'jabref/MsBibImporterTestTranslator.xml': 'jabref/MsBibImporterTestTranslator.bib',
  'jabref/MsBibLCID.xml': 'jabref/MsBibLCID.bib',
  ...Object.fromEntries(
    ['RisImporterTest1', 'RisImporterTest4a', 'RisImporterTest4c', 'RisImporterTestDOI', 'RisImporterTestDate1.1'].map((name) => [
      `jabref/${name}.ris`,
      `jabref/${name}.bib`,
    ]),
  ),
  'citation-js/bibtex-input.bib': 'citation-js/bibtex-csl.json',
}

/** Beginning of the title, first author, year and DOI of the first record of files in other formats, transcribed by hand. */
const TRANSCRIBED: Readonly<
  Record<string, readonly [title: string, author: string, year: number | undefined, doi: string | undefined]>
> = {
  'asreview/scopus.ris': ['Stress and the brain-gut axis', 'Labanski', 2020, '10.1016/j.psyneuen.2019.104501'],
  'asreview/baseline_zotero.ris': ['An open source machine learning', 'van de Schoot', 2021, '10.1038/s42256-020-00287-7'],
  'asreview/proquest.ris': ['Predictors of posttraumatic stress', 'Jones', 2019, '10.1002/jts.22387'],
  'asreview/embase.csv': ['Duplication cysts: Diagnosis', 'Liu', 2014, '10.4103/2303-9027.138783'],
  'asreview/generic.csv': ['Title of reference', 'Marx', 2014, undefined],
  'jabref/IEEEImport1.txt': ['Improving Urban Road Extraction in High-Resolution Images', 'Gamba', 2006, undefined],
  'jabref/IsiImporterTestInspec.isi': ['Second harmonic generation', "Degl'Innocenti", 2006, undefined],
  'jabref/IsiImporterTestWOS.isi': ['Optical and photoelectric spectroscopy', 'Gamernyk', undefined, undefined],
  'jabref/NbibImporterTest.nbib': ['Proteomics: A new perspective', 'Shruthi', 2016, '10.4103/2277-9175.180636'],
  'jabref/OvidImporterTest2Invalid.txt': ['Correct positioning of percutaneous', 'Verbeek', 2015, '10.1097/bot.0000000000000502'],
  'jabref/RepecNepImporterTest2.txt': ['Weak Monotonicity', 'M?ller', 2005, undefined],
  'jabref/MedlineImporterTestArticleItalics.xml': [
    'Genome-wide significant risk factors',
    'Moreno-Grau',
    2018,
    '10.18632/oncotarget.25083',
  ],
  'jabref/encoding-windows-1252-but-utf-8-declared--decoding-fails.bib': ['', 'Last', undefined, undefined],
  'reflib/bold.xml': ['Patient satisfaction with physician', 'Agha', 2009, '10.1089/tmj.2009.0030'],
  'reflib/cancer.nbib': ['Prognostic value of preoperative von Willebrand', 'Marfia', 2016, '10.1002/cam4.747'],
  'better-bibtex/unknown_command_handler_#1733.bib': [
    'Bright metal-poor variables',
    'Caputo',
    2004,
    '10.1051/0004-6361:20040307',
  ],
}

/** Compares the fields of files in many formats with the expected ones: how many of `fields` are `equal`, and which differ. */
export async function readFieldsSuite({ data }: BenchOptions): Promise<Row[]> {
  if (data === undefined) throw new Error('The suite read-fields needs --data.')
  const read = async (name: string) => {
    const path = join(data, 'bibliographies', name)
    return (await readPapers([{ name, stream: () => createReadStream(path) }])).papers
  }
  const rows: Row[] = []
  for (const [file, equivalent] of Object.entries(EQUIVALENT)) {
    const [papers, expected] = [await read(file), await read(equivalent)]
    rows.push(compared(file, papers.map(fieldsOf), expected.map(fieldsOf)))
  }
  for (const [file, [title, author, year, doi]] of Object.entries(TRANSCRIBED)) {
    const { title: found = '', ...fields } = fieldsOf((await read(file))[0]!)
    delete fields.abstract
    const expected = { title, author, ...(year !== undefined && { year }), ...(doi !== undefined && { doi }) }
    const checked = Object.fromEntries(
      Object.entries({ ...fields, title: String(found).slice(0, title.length) }).filter(([name]) => name in expected),
    )
    rows.push(compared(file, [checked], [expected]))
  }
  return rows
}

function fieldsOf({ title, authors, year, doi, abstract }: Paper): Record<string, unknown> {
  return { title, author: authors?.[0]?.family ?? authors?.[0]?.name, year, doi, abstract: abstract ?? undefined }
}

function compared(file: string, found: readonly Record<string, unknown>[], expected: readonly Record<string, unknown>[]): Row {
  const pairs = expected.flatMap((fields, index) => Object.keys(fields).map((name) => [name, fields[name], found[index]?.[name]]))
  const different = pairs.filter(([, a, b]) => a !== b).map(([name]) => name)
  return { file, fields: pairs.length, equal: pairs.length - different.length, different: different.join(' ') }
}
