import { foreignFields } from '../fields/foreign-fields.js'
import { fieldsOfPaper } from '../fields/schema.js'
import { writtenType } from '../fields/written-type.js'
import type { PaperWriter } from '../paper-writer.js'
import { escapeLatex } from '../text/escape-latex.js'
import { BIBTEX, ENTRY_TYPE } from './bibtex-schema.js'
import { Citekeys } from './citekeys.js'

const NAME = /^[^\s={}(),"#%@\\A-Z\d][^\s={}(),"#%@\\A-Z]*$/

/** Writes papers as BibTeX entries, one piece each. */
export function bibtexWriter(): PaperWriter<string> {
  const keys = new Citekeys()
  return {
    begin: () => [],
    end: () => [],
    write(paper) {
      const { own, foreign } = foreignFields(paper, 'bibtex')
      const fields = fieldsOfPaper({ ...paper, type: writtenType(paper), key: keys.next(paper) }, own, BIBTEX)
      for (const [name, value] of foreign) if (!fields.has(name)) fields.set(name, [escapeLatex(value)])
      // A preprint is told by its archive, whatever its entry.
      const entry = own.get(ENTRY_TYPE)
      if (paper.type === 'preprint' && entry) fields.set(ENTRY_TYPE, entry)
      const take = (name: string) => {
        const [value] = fields.get(name) ?? []
        fields.delete(name)
        return value
      }
      const type = take(ENTRY_TYPE) ?? 'misc'
      const lines = [`@${type}{${take('citekey')}`]
      for (const [name, values] of fields)
        if (NAME.test(name)) for (const value of values) lines.push(`  ${name} = {${balanced(value)}}`)
      return [`${lines.join(',\n')}\n}\n\n`]
    },
  }
}

/** Removes braces that do not match, as they would end the entry. */
function balanced(value: string): string {
  let depth = 0
  for (const character of value) {
    if (character === '{') depth++
    else if (character === '}' && --depth < 0) break
  }
  return depth === 0 ? value : value.replace(/[{}]/g, '')
}
