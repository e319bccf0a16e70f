import { RUNTIME_BYTES } from '../model/model-catalog.js'
import type { Workspace } from '../session/workspace.js'
import { persist } from '../storage/persistence.js'
import { countOf, formatBytes, formatCount } from '../ui/format.js'
import type { Notice } from '../ui/notice.js'
import type { ImportChoice, ImportTarget } from './import-dialog.js'
import { pickFiles, recognizeFiles } from './incoming-files.js'
import { placePapers } from './place-papers.js'

/** Adds papers to a library: the sample, files of references, a library's file, or pasted text. */
export class PaperImporter {
  readonly #workspace: Workspace
  readonly #notice: Notice
  readonly #onAdded: (message: string | null) => void

  /** @param onAdded Called when papers are in the open library; the message says how many, except for the sample. */
  constructor(workspace: Workspace, notice: Notice, onAdded: (message: string | null) => void) {
    this.#workspace = workspace
    this.#notice = notice
    this.#onAdded = onAdded
  }

  /** Creates the sample library and embeds it. */
  addSample(): Promise<void> {
    const workspace = this.#workspace
    return this.#notice.guard('The sample could not be opened', async () => {
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
      this.#onAdded(null)
      await workspace.embed()
    })
  }

  pickFiles(): void {
    pickFiles((files) => void this.addFiles(files))
  }

  /** Adds files of references or of a library, or uses a model's files: their names and first bytes tell. */
  addFiles(files: ReadonlyMap<string, File>): Promise<void> {
    return this.#notice.guard('The files could not be read', async () => {
      const incoming = await recognizeFiles(files)
      if (incoming.kind === 'model') return this.#workspace.chooseFiles(files)
      if (incoming.kind === 'library') return this.#addLibrary(incoming.file)
      if (files.size === 0) return
      const { importFiles } = await import('./import-dialog.js')
      importFiles(files, this.#target([...files.keys()][0]), (choice) => void this.#add(choice))
    })
  }

  async paste(): Promise<void> {
    const { importPasted } = await import('./import-dialog.js')
    importPasted(this.#target(), (choice) => void this.#add(choice))
  }

  async #addLibrary(file: File): Promise<void> {
    const workspace = this.#workspace
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
    this.#onAdded(`${countOf(workspace.session?.info.papers ?? 0, 'paper')} added.`)
  }

  #target(path?: string): ImportTarget {
    const { record, choice, runner } = this.#workspace
    const name = path?.split('/')[0]?.replace(/\.[^.]*$/, '') || 'My papers'
    const modelNote = runner.info
      ? `They will be embedded with ${choice.name}, which is loaded.`
      : `They will then be embedded with ${choice.name}. The first time, it is downloaded: 24 MB for the smallest model and ${formatBytes(RUNTIME_BYTES)} for the runtime. You can choose another one under Model first.`
    return { open: record && record.origin !== 'sample' ? { id: record.id, name: record.name } : null, newName: name, modelNote }
  }

  #add({ papers, library, name }: ImportChoice): Promise<void> {
    const workspace = this.#workspace
    return this.#notice.guard('Not all papers were added', async () => {
      void persist()
      const id = library ?? (await workspace.libraries.create(name)).id
      if (workspace.session?.id !== id) await workspace.open(id)
      const { session } = workspace
      if (!session) return
      const { papers: placed, added, known } = placePapers(papers, (paper) => session.paper(paper))
      await session.add(placed)
      this.#onAdded(`${countOf(added, 'paper')} added${known > 0 ? `, ${formatCount(known)} were here already` : ''}.`)
      await workspace.embed()
    })
  }
}
