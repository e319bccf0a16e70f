import type { Paper } from './paper.js'
import type { FileReport, PaperBatch, PaperProblem } from './paper-file.js'

/** What `readPapers` read. */
export interface ReadPapersResult {
  /** In the order of the files and of the records in each. */
  papers: Paper[]
  /** What could not be read, or not as it stands, in the order of the files. */
  problems: PaperProblem[]
  /** One for each file, those in archives by their own. */
  files: FileReport[]
}

/** All that a stream of papers gives. */
export async function collectPapers(batches: AsyncIterable<PaperBatch>): Promise<ReadPapersResult> {
  const result: ReadPapersResult = { papers: [], problems: [], files: [] }
  let ofFile: Paper[] = []
  for await (const { papers, problems, report } of batches) {
    for (const paper of papers) ofFile.push(paper)
    for (const problem of problems) result.problems.push(problem)
    if (!report) continue
    // Records that inherit come late.
    ofFile.sort((a, b) => a.source!.record - b.source!.record)
    for (const paper of ofFile) result.papers.push(paper)
    result.files.push(report)
    ofFile = []
  }
  return result
}
