/** `node 08-screen-a-file.mjs export.ris log.json "The question"`: asks about one paper after the other; Ctrl+C ends, and the log goes on. */
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { readPapers } from 'specter2-web/papers'
import { createScreening, parseScreeningLog } from 'specter2-web/screening'

const [path = 'export.ris', logPath = 'log.json', question = ''] = process.argv.slice(2)
const { papers } = await readPapers([{ name: basename(path), stream: () => createReadStream(path) }])
const log = existsSync(logPath) ? parseScreeningLog(readFileSync(logPath, 'utf8')) : undefined
const screening = createScreening({ papers, log, ...(log ? {} : { question }) })
const byId = new Map(papers.map((paper) => [paper.id, paper]))
/** @type {Record<string, 'include' | 'exclude' | 'maybe' | 'skip'>} */
const answers = { i: 'include', e: 'exclude', m: 'maybe', s: 'skip' }

const terminal = createInterface({ input: process.stdin, output: process.stdout })
for (let [id] = screening.next(); id !== undefined; [id] = screening.next()) {
  const paper = byId.get(id)
  console.log(`\n${paper?.title}\n\n${paper?.abstract ?? 'No abstract.'}\n`)
  const key = await terminal.question('i include, e exclude, m maybe, s skip, u undo: ')
  if (key === 'u') screening.undo()
  const answer = answers[key]
  if (answer) screening.answer(id, answer)
  writeFileSync(logPath, JSON.stringify(screening))
  const { screened, included, sinceLastInclusion } = screening.progress
  console.log(`${screened} of ${papers.length} screened, ${included} included, ${sinceLastInclusion} since the last`)
  console.log(`At least 95 % of the relevant papers are found: confidence ${screening.stopping().confidence.toFixed(2)}`)
}
terminal.close()
