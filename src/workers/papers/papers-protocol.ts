/** Types of the messages between page and papers worker. */
import type { ColumnMapping } from '../../core/papers/csv/columns.js'
import type { Paper } from '../../core/papers/paper.js'
import type { PaperBatch } from '../../core/papers/paper-file.js'
import type { ReadProgress } from '../../core/papers/read-papers.js'
import type { WrittenFormat } from '../../core/papers/write-papers.js'
import type { Report } from '../rpc/protocol.js'

/** A file and its name, including its folder if it has one. The browser passes a Blob on without copying its bytes. */
export interface NamedBlob {
  name: string
  blob: Blob
}

/** What was read since the previous part. */
export interface ReadPart {
  /** In file order; the last batch of a file has its report. */
  batches: PaperBatch[]
  /** `null` if no more bytes were read. */
  progress: ReadProgress | null
}

export interface PapersProtocol {
  /** Reports one part at a time: the worker continues when the page has taken it. */
  read(
    request: { files: readonly NamedBlob[]; mapping: ColumnMapping | null; encoding: string | null },
    report: Report<ReadPart>,
  ): void
  write(request: { papers: readonly Paper[]; format: WrittenFormat }): Blob
}
