import type { Workspace } from '../session/workspace.js'
import { persist } from '../storage/persistence.js'
import { countOf } from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { ImportChoice, ImportTarget } from './import-dialog.js'
import { pickFiles, recognizeFiles } from './incoming-files.js'
import type { Place } from './place-papers.js'

const SAMPLE = 'Sample library'

/**
 * Adds papers to a library: the sample, files of references, a library file, or pasted text.
 *
 * @param onAdded Called when papers are in the open library; the message says how many, and is `null` for the sample.
 */
export function paperImporter(workspace: Workspace, notice: Notice, onAdded: (message: string | null) => void) {
  /** Adds files of references or of a library, or uses the files of a model. */
  const addFiles = (files: ReadonlyMap<string, File>) =>
    notice.guard('The files could not be read', async () => {
      const incoming = await recognizeFiles(files)
      if (incoming.kind === 'model') return workspace.chooseFiles(files)
      if (incoming.kind === 'library') return addLibrary(incoming.file)
      if (files.size === 0) return
      const { importFiles } = await import('./import-dialog.js')
      importFiles(files, target([...files.keys()][0]), (choice) => void add(choice))
    })

  async function addLibrary(file: File): Promise<void> {
    const before = workspace.record
    const record = await workspace.libraries.create(file.name.replace(/\.[^.]*$/, ''))
    await workspace.open(record.id)
    try {
      await workspace.session?.import(file)
    } catch (error) {
      await dropLibrary(record.id, before?.id)
      throw error
    }
    onAdded(`${countOf(workspace.session?.info.papers ?? 0, 'paper')} added.`)
  }

  /** A new library that got no papers. */
  async function dropLibrary(id: string, before: string | undefined): Promise<void> {
    await workspace.closeLibrary()
    await workspace.libraries.delete(id)
    await workspace.libraries.purge(id)
    if (before) await workspace.open(before)
  }

  function target(path?: string): ImportTarget {
    const { record, choice, runner, session } = workspace
    const newName = path?.split('/')[0]?.replace(/\.[^.]*$/, '') || 'My papers'
    const modelNote = runner.info
      ? `They will be embedded with ${choice.name}, which is loaded.`
      : `They will then be embedded with ${choice.name}. The first time, it is downloaded: 24 MB for the smallest model. You can choose another one under Model first.`
    const isOwn = record && session && record.origin !== 'sample'
    const open = isOwn ? { id: record.id, name: record.name, papers: session.papers, history: session.history.entries } : null
    return { open, newName, modelNote }
  }

  const add = ({ imports, bringBack, library, name, vectors }: ImportChoice) =>
    notice.guard('The papers were not added', async () => {
      void persist()
      const before = workspace.record?.id
      const id = library ?? (await workspace.libraries.create(name)).id
      if (workspace.session?.id !== id) await workspace.open(id)
      const { session } = workspace
      if (!session) return
      try {
        const [{ addImports }, { placeNote }] = await Promise.all([
          import('../history/library-changes.js'),
          import('./import-sources.js'),
        ])
        const added = await session.change(() => addImports(session, imports, { bringBack }))
        const count = (place: Place) => imports.reduce((sum, { placed }) => sum + placed[place].length, 0)
        const [known, merged, removed] = [count('known'), count('merged'), count('removed')]
        const given = vectors ? await (await import('./file-vectors.js')).useVectors(session, vectors) : ''
        const note = placeNote({ known, merged, removed, bringBack })
        onAdded([`${countOf(added, 'paper')} added.`, given, note].filter((part) => part !== '').join(' '))
      } catch (error) {
        if (library === null && session.info.papers === 0) await dropLibrary(id, before)
        throw error
      }
      // A library whose vectors came with it opens without a model.
      if (!session.isGiven || session.info.pending > 0) await workspace.embed()
    })

  return {
    addFiles,

    pickFiles: () => pickFiles((files) => void addFiles(files)),

    async paste(): Promise<void> {
      const { importPasted } = await import('./paste-dialog.js')
      importPasted(target(), (choice) => void add(choice))
    },

    /** Creates the sample library and embeds it. */
    addSample: () =>
      notice.guard('The sample could not be opened', async () => {
        const [{ default: sample }, { byPlace }, { addImports }, record] = await Promise.all([
          import('./sample-papers.json', { with: { type: 'json' } }),
          import('./place-papers.js'),
          import('../history/library-changes.js'),
          workspace.libraries.create('Sample', 'sample'),
        ])
        const papers = sample.map(({ field, doi, ...paper }) => ({
          ...paper,
          ...(doi !== undefined && { doi }),
          type: 'article',
          labels: [field],
          source: { file: SAMPLE, record: 1 },
        }))
        await workspace.open(record.id)
        const placed = byPlace(papers.sort((a, b) => a.year - b.year).map((paper) => ({ place: 'added', paper })))
        const source = { source: SAMPLE, files: [SAMPLE], fileKey: 0, format: 'json', leftOut: 0, placed }
        if (workspace.session) await addImports(workspace.session, [source])
        onAdded(null)
        await workspace.embed()
      }),
  }
}
