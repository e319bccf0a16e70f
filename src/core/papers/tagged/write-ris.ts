import { foreignFields } from '../fields/foreign-fields.js'
import { fieldsOfPaper, type RawFields } from '../fields/schema.js'
import { writtenType } from '../fields/written-type.js'
import type { Paper } from '../paper.js'
import type { PaperWriter } from '../paper-writer.js'
import { cleanText, escapeMarkup } from '../text/clean-text.js'
import { RIS } from './ris-schema.js'

const TAG = /^[A-Z][A-Z\d]$/

/** Writes papers as RIS, one piece each: `TY` first, `ER` last, lines ending in `\r\n` as specified. */
export function risWriter(): PaperWriter<string> {
  return {
    begin: () => [],
    end: () => [],
    write(paper) {
      const { own, foreign } = foreignFields(paper, 'ris')
      const fields = fieldsOfPaper({ ...paper, type: writtenType(paper) }, own, RIS)
      for (const [tag, value] of foreign) if (!fields.has(tag)) fields.set(tag, [escapeMarkup(value)])
      keepT2(fields, own, paper)
      const types = fields.get('TY') ?? []
      fields.delete('TY')
      const lines = types.map((type) => line('TY', type))
      for (const [tag, values] of fields)
        if (TAG.test(tag) && tag !== 'ER') for (const value of values) lines.push(line(tag, value))
      return [`${lines.join('\r\n')}\r\nER  - \r\n\r\n`]
    },
  }
}

/** If the paper was read with another text in T2, such as the original title, the journal is in JF. */
function keepT2(fields: RawFields, own: RawFields, { venue, type }: Paper): void {
  const [second] = own.get('T2') ?? []
  if (second === undefined || !venue || type === 'chapter' || cleanText(second) === venue || own.has('JF')) return
  fields.set('JF', fields.get('T2')!)
  fields.set('T2', own.get('T2')!)
}

function line(tag: string, value: string): string {
  return `${tag}  - ${value.replace(/\r?\n/g, '\r\n')}`
}
