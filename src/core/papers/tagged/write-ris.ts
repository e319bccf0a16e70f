import { foreignFields } from '../fields/foreign-fields.js'
import { fieldsOfPaper } from '../fields/schema.js'
import { writtenType } from '../fields/written-type.js'
import type { PaperWriter } from '../paper-writer.js'
import { escapeMarkup } from '../text/clean-text.js'
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
      const types = fields.get('TY') ?? []
      fields.delete('TY')
      const lines = types.map((type) => line('TY', type))
      for (const [tag, values] of fields)
        if (TAG.test(tag) && tag !== 'ER') for (const value of values) lines.push(line(tag, value))
      return [`${lines.join('\r\n')}\r\nER  - \r\n\r\n`]
    },
  }
}

function line(tag: string, value: string): string {
  return `${tag}  - ${value.replace(/\r?\n/g, '\r\n')}`
}
