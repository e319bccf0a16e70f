/** What crosses between page and papers worker: types only. */
import type { ColumnMapping } from '../../core/papers/csv/columns.js'
import type { Paper } from '../../core/papers/paper.js'
import type { PaperBatch } from '../../core/papers/paper-file.js'
import type { ReadProgress } from '../../core/papers/read-papers.js'
import type { WrittenFormat } from '../../core/papers/write-papers.js'
import type { CallableWorker, Settled } from '../rpc/rpc-protocol.js'

/** A file by its name, with its folder where it has one. The browser hands a Blob over without copying its bytes. */
export interface NamedBlob {
  name: string
  blob: Blob
}

/** What was read since the part before. */
export interface ReadPart {
  /** In their order; one that ends a file has its report. */
  batches: PaperBatch[]
  /** `null` where no more bytes were read. */
  progress: ReadProgress | null
}

/** `call` names a call for `cancel`. */
export interface PapersWorker extends CallableWorker {
  /** @param onPart Resolves when the page has taken the part: no more than one waits. */
  read(
    call: number,
    files: readonly NamedBlob[],
    mapping: ColumnMapping | null,
    onPart: (part: ReadPart) => void | Promise<void>,
  ): Promise<Settled<void>>
  write(call: number, papers: readonly Paper[], format: WrittenFormat): Promise<Settled<Blob>>
}
