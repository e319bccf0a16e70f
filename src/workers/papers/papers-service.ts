import type { ColumnMapping } from '../../core/papers/csv/columns.js'
import type { Paper } from '../../core/papers/paper.js'
import type { PaperBatch } from '../../core/papers/paper-file.js'
import { type ReadProgress, streamPapers } from '../../core/papers/read-papers.js'
import { type WrittenFormat, writePapers } from '../../core/papers/write-papers.js'
import type { Settled } from '../rpc/rpc-protocol.js'
import { WorkerCalls } from '../rpc/worker-calls.js'
import type { NamedBlob, PapersWorker, ReadPart } from './papers-protocol.js'

/** A part goes to the page when it has so many papers, few enough that copying them takes the page no time … */
const PART_PAPERS = 500
/** … or when the page has heard nothing for so long. */
const PART_MS = 100

const TYPES: Readonly<Record<WrittenFormat, string>> = {
  bibtex: 'application/x-bibtex',
  ris: 'application/x-research-info-systems',
  'csl-json': 'application/vnd.citationstyles.csl+json',
  csv: 'text/csv',
  jsonl: 'application/jsonl',
}

/** What the papers worker does: it reads files, and writes them. */
export class PapersService implements Omit<PapersWorker, 'lifeLock'> {
  readonly #calls = new WorkerCalls()

  read(
    call: number,
    files: readonly NamedBlob[],
    mapping: ColumnMapping | null,
    onPart: (part: ReadPart) => void | Promise<void>,
  ): Promise<Settled<void>> {
    return this.#calls.run(call, async (signal) => {
      let progress: ReadProgress | null = null
      let batches: PaperBatch[] = []
      let papers = 0
      let sent = performance.now()
      const send = async () => {
        await onPart({ batches, progress })
        progress = null
        batches = []
        papers = 0
        sent = performance.now()
      }
      const inputs = files.map(({ name, blob }) => ({ name, size: blob.size, stream: () => blob.stream() }))
      const onProgress = (latest: ReadProgress) => {
        progress = latest
      }
      for await (const batch of streamPapers(inputs, { signal, onProgress, ...(mapping && { mapping }) })) {
        batches.push(batch)
        papers += batch.papers.length
        if (papers >= PART_PAPERS || performance.now() - sent >= PART_MS) await send()
      }
      if (batches.length > 0) await send()
    })
  }

  write(call: number, papers: readonly Paper[], format: WrittenFormat): Promise<Settled<Blob>> {
    return this.#calls.run(call, async () => new Blob([...(await writePapers(papers, format))], { type: TYPES[format] }))
  }

  cancel(call: number): void {
    this.#calls.cancel(call)
  }
}
