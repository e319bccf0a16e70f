/** What crosses between page and papers worker: types only. */
import type { ColumnMapping } from '../../core/papers/csv/columns.js'
import type { Paper } from '../../core/papers/paper.js'
import type { PaperBatch } from '../../core/papers/paper-file.js'
import type { ReadProgress } from '../../core/papers/read-papers.js'
import type { WrittenFormat } from '../../core/papers/write-papers.js'
import type { Report } from '../rpc/protocol.js'

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

export interface PapersProtocol {
  /** Reports one part at a time: the worker reads on when the page has taken it. */
  read(request: { files: readonly NamedBlob[]; mapping: ColumnMapping | null }, report: Report<ReadPart>): void
  write(request: { papers: readonly Paper[]; format: WrittenFormat }): Blob
}
