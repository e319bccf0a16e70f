import { foreignFields } from '../fields/foreign-fields.js'
import { fieldsOfPaper } from '../fields/schema.js'
import type { Paper } from '../paper.js'
import { escapeLatex } from '../text/escape-latex.js'
import { BIBTEX, ENTRY_TYPE } from './bibtex-schema.js'

const NAME = /^[^\s={}(),"#%@\\A-Z\d][^\s={}(),"#%@\\A-Z]*$/

/** Writes papers as BibTeX entries, one piece each. The citekey is the paper's key or its id, made unique. */
export function* writeBibtex(papers: Iterable<Paper>): Generator<string, void, void> {
  const keys = new Set<string>()
  for (const paper of papers) {
    const { own, foreign } = foreignFields(paper, 'bibtex')
    const fields = fieldsOfPaper({ ...paper, key: uniqueKey(paper, keys) }, own, BIBTEX)
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
    yield `${lines.join(',\n')}\n}\n\n`
  }
}

function uniqueKey({ key, id }: Paper, keys: Set<string>): string {
  // A citekey has no white space and none of BibTeX's special characters.
  const wanted = (key ?? id).replace(/[\s,{}()="#%\\~@']+/g, '_') || 'paper'
  let unique = key !== undefined && !/[\s,{}="]/.test(key) && key !== '' ? key : wanted
  // BibTeX treats keys that differ only in case as equal.
  for (let count = 2; keys.has(unique.toLowerCase()); count++) unique = `${wanted}-${count}`
  keys.add(unique.toLowerCase())
  return unique
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
