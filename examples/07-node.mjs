/**
 * `node 07-node.mjs library.bib papers.jsonl`, then `npx specter2-web embed papers.jsonl --out public/papers.index`: an index that
 * a page opens without embedding anything, with `PaperIndex.open('site', { embedder, from: '/papers.index' })`.
 */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { streamPapers, writePapers } from 'specter2-web/papers'

const [from = 'library.bib', to = 'papers.jsonl'] = process.argv.slice(2)
const papers = []
for await (const batch of streamPapers([{ name: from, stream: () => createReadStream(from) }])) {
  papers.push(...batch.papers.filter(({ title }) => title !== ''))
  for (const { line, reason } of batch.problems) console.warn(`${from}:${line ?? 1}: ${reason}`)
}
await writeFile(to, [...(await writePapers(papers, 'jsonl'))].join(''))
console.log(`${to}: ${papers.length} papers`)
