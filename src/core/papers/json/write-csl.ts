import { foreignFields } from '../fields/foreign-fields.js'
import { sameValue } from '../fields/schema.js'
import { writtenType } from '../fields/written-type.js'
import type { Paper } from '../paper.js'
import type { PaperWriter } from '../paper-writer.js'
import type { PaperDraft } from '../record.js'
import { readProperties, writeProperties } from './csl.js'
import { rawValue } from './json-record.js'

/** Writes papers as a CSL-JSON array, one piece each. */
export function cslWriter(): PaperWriter<string> {
  let before = '[\n'
  return {
    begin: () => [],
    end: () => [before === '[\n' ? '[]\n' : '\n]\n'],
    write(paper) {
      const { own, foreign } = foreignFields(paper, 'csl')
      const raw: Record<string, unknown> = {}
      for (const [name, values] of own) raw[name] = values.length > 1 ? values : rawValue(values[0]!)
      const said = readProperties(raw)
      const written = writeProperties({ ...paper, type: writtenType(paper) })
      const item: Record<string, unknown> = { ...written, ...raw }
      // A raw field is written unchanged if it still agrees with the paper's property.
      for (const [name, value] of Object.entries(written)) {
        const property = PROPERTIES[name]
        if (name in raw && property !== undefined && !sameValue(said[property], paper[property])) item[name] = value
      }
      for (const [name, value] of foreign) if (!(name in item) && name !== 'issued-date') item[name] = value
      const piece = `${before}${JSON.stringify(item)}`
      before = ',\n'
      return [piece]
    },
  }
}

const PROPERTIES: Readonly<Record<string, keyof PaperDraft & keyof Paper>> = {
  id: 'id',
  type: 'type',
  title: 'title',
  author: 'authors',
  issued: 'year',
  'container-title': 'venue',
  volume: 'volume',
  issue: 'issue',
  page: 'pages',
  DOI: 'doi',
  PMID: 'pmid',
  URL: 'url',
  abstract: 'abstract',
  keyword: 'keywords',
  archive: 'arxivId',
  number: 'arxivId',
  'citation-key': 'key',
}
