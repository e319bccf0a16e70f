import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { collectPapers, type ReadPapersResult } from '../../core/papers/collect-papers.js'
import type { Paper } from '../../core/papers/paper.js'
import type { PaperBatch } from '../../core/papers/paper-file.js'
import type { ReadPapersOptions } from '../../core/papers/read-papers.js'
import type { WrittenFormat } from '../../core/papers/write-papers.js'
import type { NamedBlob, PapersProtocol, ReadPart } from '../../workers/papers/papers-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { type ClientKind, WorkerClient } from '../../workers/rpc/worker-client.js'

const PAPERS: ClientKind = {
  name: 'papers',
  // In the form that bundlers recognise.
  start: () => new Worker(new URL('../../workers/papers.js', import.meta.url), { type: 'module', name: 'specter2-web papers' }),
  instead: 'Call readPapers() or writePapers() of specter2-web/papers, which need none.',
  fatal: [],
}

/** Files of an input element, a picker or a drop, or files by path as droppedFiles() returns them. */
export type BibliographyFiles = Iterable<File> | ReadonlyMap<string, Blob>

/** Options of {@link writePapersInWorker}. */
export interface WriteInWorkerOptions {
  /** Aborting rejects at once with the signal's reason. */
  signal?: AbortSignal | undefined
  /** The papers worker, its URL or a function that creates it, for bundlers that do not find the package's own. The call terminates it. */
  worker?: WorkerSource | undefined
}

/** Options of {@link readPapersInWorker}. `onProgress` is called about ten times a second. */
export interface ReadInWorkerOptions extends ReadPapersOptions, WriteInWorkerOptions {}

/**
 * Runs `readPapers` of `specter2-web/papers` in a worker of its own, which ends with the call, so that a large file blocks
 * neither the page nor a search. The files' bytes are not copied.
 *
 * @returns All papers; {@link streamPapersInWorker} yields them as they are read.
 * @throws InvalidArgumentError for wrong options; the signal's reason; Specter2Error `WORKER_FAILED`.
 * @example
 * const { papers, problems } = await readPapersInWorker(files)
 * for (const { file, line, reason } of problems) console.warn(`${file}:${line}: ${reason}`)
 * await index.add(papers)
 */
export function readPapersInWorker(files: BibliographyFiles, options: ReadInWorkerOptions = {}): Promise<ReadPapersResult> {
  return collectPapers(streamPapersInWorker(files, options))
}

/**
 * As {@link readPapersInWorker}, as a stream. The worker reads at most one part ahead, about 500 papers; leaving the loop ends
 * the worker.
 *
 * @example
 * for await (const { papers } of streamPapersInWorker(files)) await index.add(papers)
 */
export async function* streamPapersInWorker(
  files: BibliographyFiles,
  { signal, onProgress, mapping, encoding, worker }: ReadInWorkerOptions = {},
): AsyncGenerator<PaperBatch, void, void> {
  const blobs = namedBlobs(files)
  const parts = new OneAtATime<ReadPart>()
  const client = start(worker, signal)
  try {
    const onReport = (part: ReadPart) => parts.give(part)
    const read = client.call('read', { files: blobs, mapping: mapping ?? null, encoding: encoding ?? null }, { signal, onReport })
    // Ends the worker even if the caller requests no further batch.
    const ended = read.finally(() => end(client)).then(() => null)
    ended.catch(() => {})
    for (;;) {
      const part = await Promise.race([ended, parts.take()])
      if (part === null) return
      if (part.progress) onProgress?.(part.progress)
      for (const batch of part.batches) {
        signal?.throwIfAborted()
        yield batch
      }
    }
  } finally {
    end(client)
  }
}

/**
 * Runs `writePapers` of `specter2-web/papers` in a worker of its own, which ends with the call.
 *
 * @returns The file, in UTF-8 unless it is a workbook, with the format's media type.
 * @throws InvalidArgumentError for an unknown format; the signal's reason; Specter2Error `WORKER_FAILED`.
 * @example
 * const file = await writePapersInWorker(papers, 'ris')
 * show(URL.createObjectURL(file))
 */
export async function writePapersInWorker(
  papers: Iterable<Paper>,
  format: WrittenFormat,
  { signal, worker }: WriteInWorkerOptions = {},
): Promise<Blob> {
  const client = start(worker, signal)
  try {
    return await client.call('write', { papers: [...papers], format }, { signal })
  } finally {
    end(client)
  }
}

function start(worker: WorkerSource | undefined, signal: AbortSignal | undefined): WorkerClient<PapersProtocol> {
  signal?.throwIfAborted()
  return new WorkerClient<PapersProtocol>(worker, PAPERS)
}

function end(client: WorkerClient<PapersProtocol>): void {
  client.end(new Specter2Error('DISPOSED', 'The call has ended, so its worker was terminated.'))
}

function namedBlobs(files: BibliographyFiles): NamedBlob[] {
  const named = files instanceof Map ? [...files] : Array.from(files as Iterable<File>, (file) => [pathOf(file), file] as const)
  return named.map(([name, blob], at) => {
    if (!(blob instanceof Blob)) throw new InvalidArgumentError(`files[${at}]`, blob, 'a File, or a Blob by its path')
    return { name, blob }
  })
}

/** The file's path, including the folder if one was picked. */
function pathOf(file: File): string {
  return file?.webkitRelativePath || file?.name
}

/** Passes one value at a time from a producer to a consumer. */
class OneAtATime<T> {
  #given: { value: T; taken: () => void } | null = null
  #wake: () => void = () => {}

  /** Resolves when the consumer has taken the value. */
  give(value: T): Promise<void> {
    return new Promise((taken) => {
      this.#given = { value, taken }
      this.#wake()
    })
  }

  async take(): Promise<T> {
    if (!this.#given) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const { value, taken } = this.#given!
    this.#given = null
    taken()
    return value
  }
}
