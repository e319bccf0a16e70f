import type { Paper } from './paper.js'
import type { FileReport, PaperBatch, PaperProblem } from './paper-file.js'
import { joinVectors, type PaperVectors } from './vectors/paper-vectors.js'

/** What was read from files. */
export interface ReadPapersResult {
  /** In the order of the files and of the records in each file. */
  papers: Paper[]
  /** Everything that could not be read, or not exactly as written. */
  problems: PaperProblem[]
  /** One report for each file; each file of an archive has its own. */
  files: FileReport[]
  /** Vectors that the files have for papers, by file and model. `PaperIndex.add()` takes them. */
  vectors: PaperVectors[]
}

/** Collects a stream of papers. */
export async function collectPapers(batches: AsyncIterable<PaperBatch>): Promise<ReadPapersResult> {
  const result: ReadPapersResult = { papers: [], problems: [], files: [], vectors: [] }
  let ofFile: Paper[] = []
  const parts: PaperVectors[] = []
  for await (const { papers, problems, report, vectors = [] } of batches) {
    parts.push(...vectors)
    for (const paper of papers) ofFile.push(paper)
    for (const problem of problems) result.problems.push(problem)
    if (!report) continue
    // Records that inherit from later ones come out of order.
    ofFile.sort((a, b) => a.source!.record - b.source!.record)
    for (const paper of ofFile) result.papers.push(paper)
    result.files.push(report)
    ofFile = []
  }
  result.vectors = joinVectors(parts)
  return result
}
