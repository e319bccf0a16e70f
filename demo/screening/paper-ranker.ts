import { transfer } from 'comlink'
import type { StoppingStatement } from '../../src/core/screening/index.js'
import type { IndexVectors } from '../../src/index.js'
import type { LibrarySession } from '../session/library-session.js'
import { WorkerTask } from '../ui/worker-task.js'
import { type Answers, type ScreeningSettings, stepsOf } from './screening-log.js'
import type { ScreeningWorker } from './screening-protocol.js'

export interface Ranking {
  /** The next paper, and the one after it; none if all are screened. */
  ids: readonly string[]
  /** What can be said about stopping; `null` before anything was ranked. */
  stopping: StoppingStatement | null
  /** How many papers are compared by their vectors, too. */
  byMeaning: number
}

export const NOT_RANKED: Ranking = { ids: [], stopping: null, byMeaning: 0 }
/** Papers that are read and sent to the worker at once: few enough that the page stays responsive. */
const READ_AT_ONCE = 500

interface Opened {
  task: WorkerTask<ScreeningWorker>
  byMeaning: number
}

/** Ranks the papers of a library in a worker, again after each decision. */
export class PaperRanker {
  readonly #session: LibrarySession
  #opened: Promise<Opened> | null = null
  #content = ''

  constructor(session: LibrarySession) {
    this.#session = session
  }

  /** Ranks for these answers. @throws Error if the worker fails. */
  async rank(answers: Answers, settings: ScreeningSettings): Promise<Ranking> {
    const content = this.#contentFor(settings)
    if (!this.#opened || content !== this.#content) {
      this.dispose()
      this.#content = content
      this.#opened = this.#open(settings)
    }
    const { task, byMeaning } = await this.#opened
    const { ids, stopping } = await task.run((worker) => worker.rank({ steps: stepsOf(answers), order: settings.order }))
    return { ids, stopping, byMeaning }
  }

  /** Papers have changed: the next call reads them again. */
  forget(): void {
    this.#content = ''
  }

  dispose(): void {
    void this.#opened?.then(({ task }) => task.end()).catch(() => {})
    this.#opened = null
  }

  /** Changes if the worker must start over. */
  #contentFor({ question, seed }: ScreeningSettings): string {
    const { info, canEmbed } = this.#session
    const vectors = this.#session.isWorking || info.stale ? 0 : info.vectors
    return JSON.stringify([question, seed, question !== '' && canEmbed, vectors, info.papers])
  }

  async #open({ question, seed }: ScreeningSettings): Promise<Opened> {
    const session = this.#session
    const ids = session.papers.map(({ id }) => id)
    const worker = new Worker(new URL('./screening.worker.ts', import.meta.url), { type: 'module' })
    const task = new WorkerTask<ScreeningWorker>(worker)
    try {
      for (let first = 0; first < ids.length; first += READ_AT_ONCE) {
        const part = await session.fullPapers(ids.slice(first, first + READ_AT_ONCE))
        const papers = part.map(({ id, title, abstract, keywords }) => ({
          id,
          title,
          abstract: abstract ?? null,
          ...(Array.isArray(keywords) && { keywords: keywords.map(String) }),
        }))
        await task.run((service) => service.add(papers))
      }
      const found = session.info.stale ? null : await session.index.vectors(ids)
      const vectors = found && found.ids.length > 0 ? byRow(ids, found) : null
      const questionVector = vectors && question !== '' ? await session.embedQuestion(question) : null
      const review = { vectors, question, questionVector, seed }
      await task.run((service) => service.begin(vectors ? transfer(review, [vectors.buffer]) : review))
      return { task, byMeaning: vectors && found ? found.ids.length : 0 }
    } catch (error) {
      task.end()
      throw error
    }
  }
}

/** A vector for each paper; zeros for one that has none. */
function byRow(ids: readonly string[], found: IndexVectors): Float32Array<ArrayBuffer> {
  const { vectors, dimension } = found
  if (found.ids.length === ids.length) return vectors
  const rows = new Float32Array(ids.length * dimension)
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  for (const [at, id] of found.ids.entries())
    rows.set(vectors.subarray(at * dimension, (at + 1) * dimension), rowOf.get(id)! * dimension)
  return rows
}
