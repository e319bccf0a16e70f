/** `node 05-deduplicate-a-file.mjs export.ris`: joins duplicate records and writes the rest as merged.ris. */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { findDuplicates, mergeLibrary } from 'specter2-web/duplicates'
import { readPapers, writePapers } from 'specter2-web/papers'

const files = process.argv.slice(2).map((path) => ({ name: basename(path), stream: () => createReadStream(path) }))
const { papers, problems } = await readPapers(files)
for (const { file, line, reason } of problems) console.warn(`${file}:${line ?? 1}: ${reason}`)

const result = await findDuplicates(papers, { preset: 'balanced' })
for (const { a, b, rule, confidence } of result.doubtful) console.log(`Check ${a} and ${b}: ${rule}, ${confidence}`)

const library = mergeLibrary(papers, result.groups)
await writeFile('merged.ris', [...(await writePapers(library.papers, 'ris'))].join(''))
console.log(`${papers.length} records, ${library.removed.length} duplicates removed, ${library.papers.length} left`)
