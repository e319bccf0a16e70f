import type { Workspace } from '../session/workspace.js'
import { persist } from '../storage/persistence.js'
import { countOf, formatCount } from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { ImportChoice, ImportTarget } from './import-dialog.js'
import { pickFiles, recognizeFiles } from './incoming-files.js'
import { placePapers } from './place-papers.js'

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
      await workspace.closeLibrary()
      await workspace.libraries.delete(record.id)
      if (before) await workspace.open(before.id)
      throw error
    }
    onAdded(`${countOf(workspace.session?.info.papers ?? 0, 'paper')} added.`)
  }

  function target(path?: string): ImportTarget {
    const { record, choice, runner } = workspace
    const newName = path?.split('/')[0]?.replace(/\.[^.]*$/, '') || 'My papers'
    const modelNote = runner.info
      ? `They will be embedded with ${choice.name}, which is loaded.`
      : `They will then be embedded with ${choice.name}. The first time, it is downloaded: 24 MB for the smallest model. You can choose another one under Model first.`
    return { open: record && record.origin !== 'sample' ? record : null, newName, modelNote }
  }

  const add = ({ papers, library, name }: ImportChoice) =>
    notice.guard('Not all papers were added', async () => {
      void persist()
      const id = library ?? (await workspace.libraries.create(name)).id
      if (workspace.session?.id !== id) await workspace.open(id)
      const { session } = workspace
      if (!session) return
      const { papers: placed, added, known } = placePapers(papers, (paper) => session.paper(paper))
      await session.add(placed)
      onAdded(`${countOf(added, 'paper')} added${known > 0 ? `, ${formatCount(known)} were here already` : ''}.`)
      await workspace.embed()
    })

  return {
    addFiles,

    pickFiles: () => pickFiles((files) => void addFiles(files)),

    async paste(): Promise<void> {
      const { importPasted } = await import('./import-dialog.js')
      importPasted(target(), (choice) => void add(choice))
    },

    /** Creates the sample library and embeds it. */
    addSample: () =>
      notice.guard('The sample could not be opened', async () => {
        const [{ default: sample }, record] = await Promise.all([
          import('./sample-papers.json', { with: { type: 'json' } }),
          workspace.libraries.create('Sample', 'sample'),
        ])
        const papers = sample.map(({ field, doi, ...paper }) => ({
          ...paper,
          ...(doi !== undefined && { doi }),
          type: 'article',
          labels: [field],
          source: { file: 'Sample library', record: 1 },
        }))
        await workspace.open(record.id)
        await workspace.session?.add(papers.sort((a, b) => a.year - b.year))
        onAdded(null)
        await workspace.embed()
      }),
  }
}
