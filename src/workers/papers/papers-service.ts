import type { PaperBatch } from '../../core/papers/paper-file.js'
import { type ReadProgress, streamPapers } from '../../core/papers/read-papers.js'
import { type WrittenFormat, writePapers } from '../../core/papers/write-papers.js'
import type { Service } from '../rpc/protocol.js'
import type { PapersProtocol } from './papers-protocol.js'

/** A part is sent to the page when it has this many papers, few enough to copy quickly, … */
const PART_PAPERS = 500
/** … or when this many milliseconds have passed since the last one. */
const PART_MS = 100

const MEDIA_TYPES: Readonly<Record<WrittenFormat, string>> = {
  bibtex: 'application/x-bibtex',
  ris: 'application/x-research-info-systems',
  'csl-json': 'application/vnd.citationstyles.csl+json',
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  'endnote-xml': 'application/xml',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

/** The papers worker's methods: it reads and writes bibliographies. */
export function papersService(): Service<PapersProtocol> {
  return {
    async read({ files, mapping, encoding }, { signal, report }) {
      let progress: ReadProgress | null = null
      let batches: PaperBatch[] = []
      let papers = 0
      let sent = performance.now()
      const send = async () => {
        await report({ batches, progress })
        progress = null
        batches = []
        papers = 0
        sent = performance.now()
      }
      const inputs = files.map(({ name, blob }) => ({ name, size: blob.size, stream: () => blob.stream() }))
      const onProgress = (latest: ReadProgress) => {
        progress = latest
      }
      for await (const batch of streamPapers(inputs, {
        signal,
        onProgress,
        ...(mapping && { mapping }),
        ...(encoding !== null && { encoding }),
      })) {
        batches.push(batch)
        papers += batch.papers.length
        if (papers >= PART_PAPERS || performance.now() - sent >= PART_MS) await send()
      }
      if (batches.length > 0) await send()
    },
    write: async ({ papers, format }) => new Blob([...(await writePapers(papers, format))], { type: MEDIA_TYPES[format] }),
  }
}
