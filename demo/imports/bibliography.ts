import { proxy, type Remote, wrap } from 'comlink'
import type { Paper, WrittenFormat } from '../../src/papers/index.js'
import type { BibliographyWorker, ReadBatch } from '../workers/bibliography.js'

let remote: Remote<BibliographyWorker> | null = null

/** Readers and writers of bibliographies live in a worker, which is started when the first file comes. */
function worker(): Remote<BibliographyWorker> {
  remote ??= wrap<BibliographyWorker>(
    new Worker(new URL('../workers/bibliography.ts', import.meta.url), { type: 'module', name: 'bibliography' }),
  )
  return remote
}

/** Reads files of any format; `onBatch` gets papers and problems as they come. */
export async function readFiles(
  files: ReadonlyMap<string, File>,
  onBatch: (batch: ReadBatch) => void,
  signal: AbortSignal,
): Promise<void> {
  const onAbort = () => void worker().cancel()
  signal.addEventListener('abort', onAbort)
  try {
    await worker().read([...files], proxy(onBatch))
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  signal.throwIfAborted()
}

/** Papers as a file of a format. */
export function writeFile(papers: readonly Paper[], format: WrittenFormat): Promise<Blob> {
  return worker().write(papers, format)
}
