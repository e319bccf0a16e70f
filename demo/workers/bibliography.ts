import { expose } from 'comlink'
import {
  type FileReport,
  type Paper,
  type PaperProblem,
  type ReadProgress,
  streamPapers,
  type WrittenFormat,
  writePapers,
} from '../../src/papers/index.js'

/** What has been read since the batch before. */
export interface ReadBatch {
  papers: Paper[]
  problems: PaperProblem[]
  reports: FileReport[]
  progress: ReadProgress | null
}

/** Papers that cross to the page at once. */
const BATCH_PAPERS = 500

let reading = new AbortController()

const service = {
  async read(files: readonly [path: string, file: File][], onBatch: (batch: ReadBatch) => void | Promise<void>): Promise<void> {
    reading = new AbortController()
    const { signal } = reading
    let progress: ReadProgress | null = null
    let batch: ReadBatch = { papers: [], problems: [], reports: [], progress }
    const inputs = files.map(([name, file]) => ({ name, size: file.size, stream: () => file.stream() }))
    const onProgress = (latest: ReadProgress) => {
      progress = latest
    }
    for await (const { papers, problems, report } of streamPapers(inputs, { signal, onProgress })) {
      for (const paper of papers) batch.papers.push(paper)
      for (const problem of problems) batch.problems.push(problem)
      if (report) batch.reports.push(report)
      if (batch.papers.length < BATCH_PAPERS) continue
      await onBatch({ ...batch, progress })
      batch = { papers: [], problems: [], reports: [], progress: null }
    }
    await onBatch({ ...batch, progress })
  },

  cancel(): void {
    reading.abort()
  },

  async write(papers: readonly Paper[], format: WrittenFormat): Promise<Blob> {
    return new Blob([...(await writePapers(papers, format))], { type: TYPES[format] })
  },
}

const TYPES: Readonly<Record<WrittenFormat, string>> = {
  bibtex: 'application/x-bibtex',
  ris: 'application/x-research-info-systems',
  'csl-json': 'application/vnd.citationstyles.csl+json',
  csv: 'text/csv',
  jsonl: 'application/jsonl',
}

/** What the page calls. */
export type BibliographyWorker = typeof service

expose(service)
