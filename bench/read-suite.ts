import { spawn } from 'node:child_process'
import { createReadStream, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from '../src/cli/report.js'
import { streamPapers } from '../src/core/papers/read-papers.js'
import type { BenchOptions } from './bench-options.js'
import { workFolder } from './browser-page.js'
import { median } from './statistics.js'

const RECORDS = 10_000
/** Environment variable of a child process: which file it reads with which library. */
const CHILD = 'SPECTER2_WEB_BENCH_READ'

interface Measured {
  papers: number
  seconds: number
  /** Of all threads; other load on the machine changes it little. */
  cpuSeconds: number
  peakBytes: number
}

/**
 * 10,000 generated records of BibTeX and of RIS, read by us and by citation-js in turns, each time in a new process. `peakBytes`
 * is the peak memory of the process, minus that of one that reads a single record.
 */
export async function readSuite({ rounds }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = []
  const folder = join(workFolder, 'bibliographies')
  mkdirSync(folder, { recursive: true })
  for (const format of ['bib', 'ris']) {
    const [file, single] = [RECORDS, 1].map((count) => {
      const path = join(folder, `${count}.${format}`)
      writeFileSync(path, Array.from({ length: count }, (_, index) => (format === 'bib' ? bibtex(index) : ris(index))).join('\n'))
      return path
    }) as [string, string]
    const names = ['ours', 'citation-js']
    const measured = new Map<string, Measured[]>(names.map((name) => [name, []]))
    const idle = new Map<string, number>()
    for (const name of names) idle.set(name, (await inChild(name, single)).peakBytes)
    for (let round = 0; round < rounds; round++) for (const name of names) measured.get(name)!.push(await inChild(name, file))
    for (const name of names) {
      const all = measured.get(name)!
      const seconds = median(all.map((one) => one.seconds))
      const cpuSeconds = median(all.map((one) => one.cpuSeconds))
      const peakBytes = median(all.map((one) => one.peakBytes)) - idle.get(name)!
      rows.push({ name, format, papers: all[0]!.papers, seconds, cpuSeconds, peakBytes, bytes: statSync(file).size })
    }
  }
  return rows
}

/** Reads the file and reports, if this process is a child of the suite. @returns Whether it is. */
export async function readAsChild(): Promise<boolean> {
  const task = process.env[CHILD]
  if (task === undefined) return false
  const { name, file } = JSON.parse(task) as { name: string; file: string }
  const read = name === 'ours' ? readOurs : await citationJs()
  const [start, startCpu] = [performance.now(), process.cpuUsage()]
  const papers = await read(file)
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(startCpu)
  const peakBytes = 1024 * process.resourceUsage().maxRSS
  process.stdout.write(JSON.stringify({ papers, seconds, cpuSeconds: (user + system) / 1e6, peakBytes } satisfies Measured))
  return true
}

/** Keeps all papers in memory, as the peer does. */
async function readOurs(file: string): Promise<number> {
  const papers = []
  for await (const batch of streamPapers([{ name: file, stream: () => createReadStream(file) }])) papers.push(...batch.papers)
  return papers.length
}

async function citationJs(): Promise<(file: string) => Promise<number>> {
  const { Cite } = await import('@citation-js/core')
  await import('@citation-js/plugin-bibtex')
  await import('@citation-js/plugin-ris')
  return async (file) => new Cite(readFileSync(file, 'utf8')).data.length
}

function inChild(name: string, file: string): Promise<Measured> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, [CHILD]: JSON.stringify({ name, file }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (text) => (printed += text))
  return new Promise((resolve, reject) =>
    child.on('close', (status) =>
      status === 0 ? resolve(JSON.parse(printed)) : reject(new Error(`${name} failed on ${file} (${status}).`)),
    ),
  )
}

/** Words that differ from record to record. */
function words(index: number, count: number): string {
  let state = index + 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return WORDS[(state >>> 8) % WORDS.length]
  }).join(' ')
}
const WORDS =
  'the of model learning neural results protein analysis method between cells effects data and in for response patients treatment network'.split(
    ' ',
  )

function bibtex(index: number): string {
  return String.raw`@article{key${index},
  author = {M{\"u}ller, Anna and Garc{\'i}a, Jos{\'e} and van der Berg, Jan},
  title = {The {DNA} of ${words(index, 10)}},
  journal = {Journal of ${words(index, 3)}},
  year = {${1990 + (index % 30)}},
  volume = {${index % 90}},
  number = {${index % 12}},
  pages = {${index}--${index + 9}},
  doi = {10.1000/test.${index}},
  keywords = {${words(index, 1)}, ${words(index + 1, 1)}},
  abstract = {${words(index, 180)}.}
}
`
}

function ris(index: number): string {
  return `TY  - JOUR
AU  - Müller, Anna
AU  - García, José
AU  - van der Berg, Jan
TI  - The DNA of ${words(index, 10)}
JO  - Journal of ${words(index, 3)}
PY  - ${1990 + (index % 30)}
VL  - ${index % 90}
IS  - ${index % 12}
SP  - ${index}
EP  - ${index + 9}
DO  - 10.1000/test.${index}
KW  - ${words(index, 1)}
AB  - ${words(index, 180)}.
ER  - 
`
}
