import { CSL } from '../json/csl.js'
import { isObject } from '../json/json-record.js'
import { LIMITS, limitError } from '../limits.js'
import { type Found, type RecordReader, rawExcerpt } from '../record.js'
import { LineSplitter } from '../text/line-splitter.js'
import { parseYaml } from './parse-yaml.js'

/** Reads CSL-YAML, as Pandoc, Zotero and Better BibTeX write it: a list of items, perhaps under `references:`. */
export function readCslYaml(): RecordReader {
  const lines = new LineSplitter()
  let number = 0
  let item: { from: number; lines: string[]; size: number; indent: number } | undefined
  const finish = (): Found[] => {
    const done = item
    item = undefined
    return done ? itemsOf(done.lines.join('\n'), done.from) : []
  }
  const read = (line: string): Found[] => {
    number++
    const dash = /^(\s*)-(?:\s|$)/.exec(line)
    // A dash at the indentation of the first one begins an item.
    if (dash && (item === undefined || dash[1]!.length <= item.indent)) {
      const done = finish()
      item = { from: number, lines: [line], size: line.length, indent: dash[1]!.length }
      return done
    }
    if (item === undefined) return []
    if (/^(?:---|\.\.\.)\s*$|^[A-Za-z]/.test(line)) return finish()
    item.lines.push(line)
    item.size += line.length
    if (item.size > LIMITS.MAX_RECORD_CHARACTERS) throw limitError('MAX_RECORD_CHARACTERS', 'Item')
    return []
  }
  return { push: (text) => lines.push(text).flatMap(read), end: () => [...lines.end().flatMap(read), ...finish()] }
}

function itemsOf(text: string, line: number): Found[] {
  const value = parseYaml(text)
  return (Array.isArray(value) ? value : []).map((item): Found => {
    const draft = isObject(item) ? CSL.read(item) : undefined
    return draft && (draft.title !== '' || draft.doi !== undefined)
      ? { draft, line }
      : { kind: 'lost', line, reason: 'this has neither a title nor a DOI', raw: rawExcerpt(text) }
  })
}
