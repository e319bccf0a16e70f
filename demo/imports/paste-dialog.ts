import { Dialog } from '../ui/dialog.js'
import { button, element, setChildren } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import { type ImportChoice, type ImportTarget, importFiles } from './import-dialog.js'
import { readPasted } from './pasted.js'

const FILE = 'Pasted text'

/** Reads pasted references, titles and abstracts, or records in any format that files can have. */
export function importPasted(target: ImportTarget, onAdd: (choice: ImportChoice) => void): void {
  const dialog = new Dialog('Paste papers')
  const text = element('textarea', {
    id: 'paste-text',
    rows: 12,
    spellcheck: 'false',
    'aria-label': 'Papers',
    'aria-describedby': 'paste-hint',
    dir: 'auto',
  })
  const answer = element('div', { role: 'status' })
  const read = () => {
    if (text.value.trim() === '') return text.focus()
    const pasted = readPasted(text.value)
    if (pasted.kind === 'identifiers') {
      setChildren(
        answer,
        element('p', {}, element('b', {}, `${countOf(pasted.ids.length, 'identifier')} (${pasted.names}), and nothing else.`)),
        element(
          'p',
          {},
          'This page asks no server, so it cannot look them up. A reference manager can: in Zotero, choose “Add item by identifier”, paste them there, and export the items as RIS or BibTeX. PubMed takes a list of PMIDs in its search field and saves the results (“Save”, format PubMed). Drop that file here.',
        ),
      )
      return
    }
    dialog.close()
    if (pasted.kind === 'file') importFiles(new Map([[FILE, new File([text.value], FILE)]]), target, onAdd)
    else {
      const file = { name: FILE, format: pasted.kind, leftOut: 0, papers: pasted.papers, contents: [] }
      importFiles(new Map(), target, onAdd, { read: [file], note: pasted.note })
    }
  }
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) read()
  })
  dialog.body.append(
    element(
      'p',
      { id: 'paste-hint', class: 'hint' },
      'References of a list, in any style; BibTeX, RIS or any other format that files can have; or plain text, with blank lines between papers: the first line of each is the title, the rest the abstract.',
    ),
    text,
    answer,
  )
  dialog.open(button('Read', read, { class: 'primary' }))
  text.focus()
}
