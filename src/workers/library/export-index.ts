import { Specter2Error } from '../../core/errors.js'
import type { IndexedPaper } from '../../core/index-file/index-file.js'
import { encodeIndexFile } from '../../core/index-file/index-file.js'
import { npyHeader } from '../../core/index-file/npy.js'
import { encodeParquet } from '../../core/index-file/parquet.js'
import type { Report } from '../rpc/protocol.js'
import type { ExportFormat, IndexProgress, LibraryState } from './library-protocol.js'
import type { StoredIndex } from './stored-index.js'

/**
 * Exports an index as one file. In all formats, papers are in the order in which their texts were added.
 *
 * @throws Specter2Error `UNSUPPORTED` for `npy` while some papers have no vector: its rows would not match the papers.
 */
export async function exportIndex(
  index: StoredIndex,
  format: ExportFormat,
  report: Report<IndexProgress>,
  signal: AbortSignal,
): Promise<Blob> {
  const state = await index.state()
  const parts = withProgress(index.all(), state.papers, report, signal)
  if (format === 'jsonl') return collect(jsonLines(parts), 'application/jsonl')
  if (format === 'npy') return collect(npy(parts, state), 'application/octet-stream')
  if (format === 'parquet') return collect(encodeParquet(parts, state.model), 'application/vnd.apache.parquet')
  const header = {
    id: randomId(),
    model: state.model,
    vectors: format === 'index-int8' ? ('int8' as const) : ('float32' as const),
    papers: state.papers,
  }
  return collect(encodeIndexFile(header, parts, await index.data('')), 'application/octet-stream')
}

async function* withProgress(
  parts: AsyncIterable<IndexedPaper[]>,
  total: number,
  report: Report<IndexProgress>,
  signal: AbortSignal,
): AsyncGenerator<IndexedPaper[], void, void> {
  let done = 0
  for await (const part of parts) {
    signal.throwIfAborted()
    yield part
    done += part.length
    await report({ done, total })
  }
}

async function* jsonLines(parts: AsyncIterable<IndexedPaper[]>): AsyncGenerator<string, void, void> {
  for await (const part of parts) yield part.map(({ paper }) => `${JSON.stringify(paper)}\n`).join('')
}

async function* npy(
  parts: AsyncIterable<IndexedPaper[]>,
  { papers, pending, model }: LibraryState,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  if (pending > 0 || !model) {
    const message = `${pending} of ${papers} papers have no vector yet, so rows would not match papers. Call resume() first.`
    throw new Specter2Error('UNSUPPORTED', message, { details: { pending } })
  }
  yield npyHeader(papers, model.dimension)
  for await (const part of parts) {
    const vectors = new Float32Array(part.length * model.dimension)
    for (const [index, { vector }] of part.entries()) vectors.set(vector!, index * model.dimension)
    yield new Uint8Array(vectors.buffer)
  }
}

async function collect(pieces: AsyncIterable<BlobPart>, type: string): Promise<Blob> {
  const all: BlobPart[] = []
  // The browser may store Blobs on disk, so memory holds only one piece.
  for await (const piece of pieces) all.push(new Blob([piece]))
  return new Blob(all, { type })
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
