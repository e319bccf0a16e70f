import type { PaperText } from '../../../core/types.js'
import type { Engine } from '../../../engine/engine.js'
import type { Tokens } from '../../../engine/tokenizer.js'
import type { DataRecord } from './data-records.js'

/** Texts of a document's fields that are there, as SciRepEval reads them. */
export function fieldsOf(document: DataRecord, fields: readonly string[] = ['title', 'abstract']): string[] {
  return fields.flatMap((field) => {
    const value = document[field]
    const isText = typeof value === 'string' || typeof value === 'number'
    return isText && value !== '' && value !== 0 ? [String(value)] : []
  })
}

/**
 * Tokens of a document as SciRepEval's protocol has them: its fields with the model's separator between those that are there. A model
 * whose template has more than that (a prefix) fills its template.
 */
export function tokenize(engine: Engine, document: DataRecord, fields?: readonly string[]): Tokens {
  const texts = fieldsOf(document, fields)
  const separator = /^\{title\}(.*)\{abstract\}$/s.exec(engine.manifest.templates.paper)?.[1]
  if (separator !== undefined)
    return engine.tokenizePaper(texts.join(separator.trim() === '' ? separator : ` ${separator.trim()} `))
  const [title = '', ...rest] = texts
  return engine.tokenizePaper({ title, abstract: rest.join(' ') } satisfies PaperText)
}
