import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { targets } from '../../build/targets.mjs'
import { specter2Repos, startHub } from '../../testing/hub-server.js'
import { configOf, json, publishedFiles, randomTensors, smallShape } from '../../testing/models.js'
import { fixture, temporaryFolder } from './testing.js'

// What only a real process shows: exit codes, signals, pipes. The command is built by the project's own configuration, into a
// folder from which Node finds the runtime.

const root = fileURLToPath(new URL('../../', import.meta.url))
const buildFolder = join(root, 'node_modules/.cache/specter2-web-cli-test')
let folder: string

beforeAll(async () => {
  folder = await temporaryFolder()
  await targets.cli(join(buildFolder, 'cli.js'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await rm(buildFolder, { recursive: true })
})

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

function start(args: readonly string[], env: Record<string, string> = {}): { process: ChildProcess; ended: Promise<Ended> } {
  const options = { cwd: folder, env: { ...globalThis.process.env, ...env } }
  const process = spawn(globalThis.process.execPath, [join(buildFolder, 'cli.js'), ...args], options)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) process[name].on('data', (data) => (output[name] += data))
  const ended = new Promise<Ended>((resolve) => process.on('close', (code) => resolve({ code, ...output })))
  return { process, ended }
}

test('converts the fixture, shows no progress without a terminal, and ends with 0', async () => {
  const adapters = ['--adapter', `proximity=${fixture}/adapters/proximity`]
  const { code, stdout, stderr } = await start(['convert', fixture, ...adapters, '--calibrate', 'none', '--out', 'tiny']).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe('tiny: specter2-tiny as fp32, q8 with adapters base, proximity\n')
  expect((await readdir(join(folder, 'tiny'))).sort()).toEqual([
    'NOTICE.md',
    'adapters',
    'config.json',
    'manifest.json',
    'onnx',
    'tokenizer.json',
    'tokenizer_config.json',
  ])
})

test('embeds the same vectors on several threads', async () => {
  const papers = Array.from({ length: 70 }, (_, paper) => ({ id: `${paper}`, title: 'ba ca da ea fa '.repeat(1 + (paper % 9)) }))
  await writeFile(join(folder, 'papers.jsonl'), papers.map((paper) => JSON.stringify(paper)).join('\n'))
  for (const threads of ['1', '3']) {
    const args = ['embed', 'papers.jsonl', '--model', 'tiny', '--dtype', 'q8', '--threads', threads, '--out', `${threads}.index`]
    expect(await start(args).ended).toMatchObject({ code: 0, stderr: '' })
  }
  const [one, three] = await Promise.all(['1', '3'].map((name) => readFile(join(folder, `${name}.index`))))
  expect(three!.equals(one!)).toBe(true)
})

test('ends quietly when nobody reads its output any more', async () => {
  const { process, ended } = start(['--help'])
  process.stdout?.destroy()
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})

test('a filter answers each line, ends on SIGTERM while it waits for the next, and when its reader leaves', async () => {
  const args = ['embed', '-', '--out', '-', '--model', 'tiny', '--dtype', 'q8', '--threads', '1']
  const waiting = start(args)
  waiting.process.stdin?.write('{"id":"a","title":"ba ca"}\n')
  const [answer] = await once(waiting.process.stdout!, 'data')
  const { vector, ...paper } = JSON.parse(String(answer))
  expect(paper).toEqual({ id: 'a', title: 'ba ca' })
  expect(vector).toHaveLength(64)
  waiting.process.kill('SIGTERM')
  expect(await waiting.ended).toMatchObject({ code: 130, stderr: 'Interrupted.\n' })
  const left = start(args)
  left.process.stdin?.on('error', () => {})
  left.process.stdout?.destroy()
  left.process.stdin?.write('{"title":"ba ca"}\n'.repeat(2000))
  expect(await left.ended).toMatchObject({ code: 141, stderr: '' })
})

test('resumes the download of a killed process at the byte where it ended', async () => {
  const hub = await startHub(specter2Repos())
  const cache = join(folder, 'cache')
  const get = () =>
    start(['get', 'specter2', '--dtype', 'fp32', '--calibrate', 'none'], {
      HF_ENDPOINT: hub.url,
      HF_TOKEN: '',
      SPECTER2_WEB_CACHE: cache,
    })
  const weights = specter2Repos()['allenai/specter2_base']!.files['model.safetensors']!
  const fileRequests = () => hub.requests.filter(({ server }) => server === 'network')
  hub.answer = ({ server }, response) => {
    if (server === 'hub') return false
    response.writeHead(200, { 'content-length': weights.length }).write(weights.subarray(0, 400_000))
    return true
  }
  const { process, ended } = get()
  const commit = join(cache, 'hub/allenai/specter2_base', hub.commit('allenai/specter2_base'))
  await until(async () => {
    const part = (await readdir(commit).catch(() => [])).find((name) => name.includes('incomplete'))
    // The part of a small file may have been renamed since.
    return part !== undefined && (await stat(join(commit, part)).catch(() => null))?.size === 400_000
  })
  process.kill('SIGKILL')
  await ended
  expect(fileRequests()).toHaveLength(1)
  hub.answer = null
  const { code, stdout } = await get().ended
  expect(code).toBe(0)
  expect(stdout).toContain("Use it: createEmbedder({ model: '/models/specter2/' })")
  expect(fileRequests()[1]?.range).toBe(`bytes=400000-${weights.length - 1}`)
  hub.close()
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'leaves nothing after a %s during the conversion, and ends with 130',
  async (signal) => {
    await writeLargeBase(join(folder, 'large'))
    const before = await readdir(folder)
    // With a revision, the weights are not hashed before the graphs are written.
    const options = ['--pooling', 'cls', '--calibrate', 'none', '--revision', 'r1']
    const { process, ended } = start(['convert', 'large', ...options, '--out', 'stopped'])
    await until(async () => {
      const staging = (await readdir(folder)).find((name) => name.startsWith('stopped.'))
      return staging !== undefined && (await readdir(join(folder, staging))).includes('onnx')
    })
    process.kill(signal)
    expect(await ended).toEqual({ code: 130, stdout: '', stderr: 'Interrupted.\n' })
    expect(await readdir(folder)).toEqual(before)
  },
)

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Writes a checkpoint of 150 MB that takes no space on the disk: its weights are a hole in the file, so zeros. */
async function writeLargeBase(base: string): Promise<void> {
  const shape = { ...smallShape, hidden: 768, layers: 1, heads: 12, intermediate: 3072, vocabulary: 40_000, positions: 512 }
  await mkdir(base, { recursive: true })
  await writeFile(join(base, 'config.json'), json(configOf(shape)))
  await writeFile(join(base, 'vocab.txt'), publishedFiles()['vocab.txt']!)
  let offset = 0
  const header = randomTensors({ ...shape, hidden: 1, intermediate: 4, vocabulary: 1, positions: 1 }, 1).map(
    ({ name, shape: dims }) => {
      const sizes = dims.map((_, axis) => sizeOf(name, axis, dims.length))
      const start = offset
      offset += 4 * sizes.reduce((product, size) => product * size, 1)
      return [name, { dtype: 'F32', shape: sizes, data_offsets: [start, offset] }]
    },
  )
  const text = json(Object.fromEntries(header))
  const file = await open(join(base, 'model.safetensors'), 'w')
  await file.write(new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer))
  await file.write(text)
  await file.truncate(8 + text.length + offset)
  await file.close()

  function sizeOf(name: string, axis: number, axes: number): number {
    if (axes === 1) return name.includes('intermediate') ? shape.intermediate : shape.hidden
    const rows: readonly [RegExp, number][] = [
      [/word_embeddings/, shape.vocabulary],
      [/position_embeddings/, shape.positions],
      [/token_type/, shape.tokenTypes],
      [/intermediate/, shape.intermediate],
    ]
    if (axis === 0) return rows.find(([pattern]) => pattern.test(name))?.[1] ?? shape.hidden
    return /layer\.\d+\.output\.dense/.test(name) ? shape.intermediate : shape.hidden
  }
}
