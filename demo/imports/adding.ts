import { RUNTIME_BYTES } from '../model/model-catalog.js'
import type { Desk } from '../session/desk.js'
import { persist } from '../storage/persistence.js'
import { countOf, formatBytes, formatCount } from '../ui/format.js'
import { pickFiles, sortFiles } from './dropped.js'
import type { ImportChoice, ImportTarget } from './import-dialog.js'
import { placePapers } from './place-papers.js'

export interface AddingEvents {
  /** Papers are in the open library; `message` says how many. */
  onAdded: (message: string | null) => void
  /** Runs `work`, and tells what fails. */
  guard: (title: string, work: () => Promise<unknown>) => Promise<void>
}

/** All ways in which papers come: the sample, files, a library's file, pasted text. */
export class Adding {
  readonly #desk: Desk
  readonly #events: AddingEvents

  constructor(desk: Desk, events: AddingEvents) {
    this.#desk = desk
    this.#events = events
  }

  /** Makes the library of samples and embeds it. */
  sample(): Promise<void> {
    const desk = this.#desk
    return this.#events.guard('The sample could not be opened', async () => {
      const [{ samplePapers }, record] = await Promise.all([import('./sample.js'), desk.libraries.create('Sample', 'sample')])
      await desk.open(record.id)
      await desk.session?.add(samplePapers)
      this.#events.onAdded(null)
      await desk.embed()
    })
  }

  pick(): void {
    pickFiles((files) => void this.files(files))
  }

  /** Files of papers, of a library or of a model, as their names and first bytes say. */
  files(files: ReadonlyMap<string, File>): Promise<void> {
    return this.#events.guard('The files could not be read', async () => {
      const dropped = await sortFiles(files)
      if (dropped.kind === 'model') return this.#desk.chooseFiles(dropped.files)
      if (dropped.kind === 'library') return this.#libraryFile(dropped.file)
      if (dropped.kind === 'nothing') return
      const { importFiles } = await import('./import-dialog.js')
      importFiles(dropped.files, this.#target([...files.keys()][0]), (choice) => void this.#papers(choice))
    })
  }

  async paste(): Promise<void> {
    const { importPasted } = await import('./import-dialog.js')
    importPasted(this.#target(), (choice) => void this.#papers(choice))
  }

  async #libraryFile(file: File): Promise<void> {
    const desk = this.#desk
    const before = desk.record
    const record = await desk.libraries.create(file.name.replace(/\.[^.]*$/, ''))
    await desk.open(record.id)
    try {
      await desk.session?.import(file)
    } catch (error) {
      await desk.closeLibrary()
      await desk.libraries.delete(record.id)
      if (before) await desk.open(before.id)
      throw error
    }
    this.#events.onAdded(`${countOf(desk.session?.info.papers ?? 0, 'paper')} are here.`)
  }

  #target(path?: string): ImportTarget {
    const { record, choice, runner } = this.#desk
    const name = path?.split('/')[0]?.replace(/\.[^.]*$/, '') || 'My papers'
    const modelNote = runner.info
      ? `They are embedded by ${choice.name}, which is here.`
      : `They are embedded by ${choice.name} then. The first time it is fetched, 24 MB for the smallest model with ${formatBytes(RUNTIME_BYTES)} for the runtime. Another can be chosen under Model before.`
    return { open: record && record.origin !== 'sample' ? { id: record.id, name: record.name } : null, newName: name, modelNote }
  }

  #papers({ papers, library, name }: ImportChoice): Promise<void> {
    const desk = this.#desk
    return this.#events.guard('The papers were not all added', async () => {
      void persist()
      const id = library ?? (await desk.libraries.create(name)).id
      if (desk.session?.id !== id) await desk.open(id)
      const { session } = desk
      if (!session) return
      const { papers: placed, added, known } = placePapers(papers, (paper) => session.paper(paper))
      await session.add(placed)
      this.#events.onAdded(`${countOf(added, 'paper')} added${known > 0 ? `, ${formatCount(known)} were here already` : ''}.`)
      await desk.embed()
    })
  }
}
