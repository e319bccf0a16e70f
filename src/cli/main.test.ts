import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { targets } from '../../build/targets.mjs'
import { specter2Repos, startHub, type TestHub } from '../../testing/hub-server.js'
import { configOf, json, publishedFiles, randomTensors, smallShape } from '../../testing/models.js'

// The command as it is started from a shell: built by the project's own configuration, into a folder from which Node finds
// the runtime.

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixture = join(root, 'testing/fixtures/specter2-tiny')
const buildFolder = join(root, 'node_modules/.cache/specter2-web-cli-test')
let folder: string
let hub: TestHub | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
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

function start(...args: string[]): { process: ChildProcess; ended: Promise<Ended> } {
  const hubOfTest = { HF_ENDPOINT: hub?.url, HF_TOKEN: '', SPECTER2_WEB_CACHE: join(folder, 'cache') }
  const env = { ...globalThis.process.env, ...hubOfTest }
  const process = spawn(globalThis.process.execPath, [join(buildFolder, 'cli.js'), ...args], { cwd: folder, env })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) process[name].on('data', (data) => (output[name] += data))
  const ended = new Promise<Ended>((resolve) => process.on('close', (code) => resolve({ code, ...output })))
  return { process, ended }
}

const run = (...args: string[]) => start(...args).ended

describe('specter2-web', () => {
  test.each([[], ['--help'], ['-h'], ['help']])('shows all commands for %j and ends with 0', async (...args) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/specter2-web convert <base> --out <folder>[\s\S]*specter2-web assets <dir>/)
  })

  test('shows the usage of one command', async () => {
    const { code, stdout } = await run('convert', '--help')
    expect(code).toBe(0)
    expect(stdout).toContain('--adapter NAME=FOLDER')
    expect(stdout).not.toContain('specter2-web assets')
  })

  test.each(['explode', 'constructor', '-x'])(
    'ends with 2 for the unknown command %s, and shows those there are',
    async (name) => {
      const { code, stdout, stderr } = await run(name)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(`specter2-web: there is no command ${name}.\n`)
      expect(stderr).toContain('specter2-web convert <base>')
    },
  )

  test.each([
    ['an unknown dtype', ['--dtype', 'q3'], '--dtype must be one of fp32, fp16, q8, q4, q4f16, but is "q3".'],
    ['an unknown option', ['--quantize'], "Unknown option '--quantize'"],
    ['an option without its value', ['--pooling'], "Option '--pooling <value>' argument missing"],
    ['a wrong adapter', ['--adapter', 'proximity'], '--adapter must be NAME=FOLDER'],
  ])('ends with 2 for %s, and shows how it is meant', async (_, args, message) => {
    const { code, stdout, stderr } = await run('convert', fixture, '--out', 'refused', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`specter2-web convert: ${message}`)
    expect(stderr).toContain('specter2-web convert <base> --out <folder> [options]')
    expect(await readdir(folder)).not.toContain('refused')
  })

  test('ends with 1 for a checkpoint that it cannot convert: one line with the code, no stack', async () => {
    const { code, stdout, stderr } = await run('convert', fixture, '--out', 'refused')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^specter2-web convert: specter2-tiny does not say how its vectors are pooled .* \[UNSUPPORTED\]\n$/)
    expect(await readdir(folder)).not.toContain('refused')
  })

  test('converts the fixture, shows no progress line where there is no terminal, and ends with 0', async () => {
    const adapters = ['--adapter', `proximity=${fixture}/adapters/proximity`]
    const { code, stdout, stderr } = await run('convert', fixture, ...adapters, '--calibrate', 'none', '--out', 'tiny')
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

  describe('get', () => {
    beforeEach(async () => {
      hub = await startHub(specter2Repos())
    })
    afterEach(async () => {
      hub!.close()
      hub = undefined
      await rm(join(folder, 'cache'), { recursive: true, force: true })
    })

    test('downloads and converts a model twice at once, into one cache', async () => {
      const both = await Promise.all(['one', 'two'].map((out) => run('get', 'specter2', '--dtype', 'fp32', '--out', out)))
      const say = (out: string) =>
        `${out}: allenai/specter2_base as fp32 with adapters base, proximity, adhoc_query, classification, regression
Use it: createEmbedder({ model: URL }), with the URL under which you serve ${out}
`
      expect(both).toEqual(['one', 'two'].map((out) => ({ code: 0, stdout: say(out), stderr: '' })))
      const [one, two] = await Promise.all(['one', 'two'].map((out) => readFile(join(folder, out, 'manifest.json'), 'utf8')))
      expect(one).toBe(two)
      const cached = await readdir(join(folder, 'cache'), { recursive: true })
      expect(cached.filter((path) => path.includes('incomplete'))).toEqual([])
    })

    test('goes on with what a killed one has left, at the byte where that ended', async () => {
      const weights = specter2Repos()['allenai/specter2_base']!.files['model.safetensors']!
      const onNetwork = () => hub!.requests.filter(({ server }) => server === 'network')
      hub!.answer = ({ server }, response) => {
        if (server === 'hub') return false
        response.writeHead(200, { 'content-length': weights.length }).write(weights.subarray(0, 400_000))
        return true
      }
      const { process, ended } = start('get', 'specter2', '--dtype', 'fp32')
      const commit = join(folder, 'cache/hub/allenai/specter2_base', hub!.commit('allenai/specter2_base'))
      for (;;) {
        const part = (await readdir(commit).catch(() => [])).find((name) => name.includes('incomplete'))
        // A small file's part may be gone by now: it is complete, and has its own name.
        if (part && (await stat(join(commit, part)).catch(() => null))?.size === 400_000) break
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      process.kill('SIGKILL')
      await ended
      expect(onNetwork()).toHaveLength(1)
      hub!.answer = null
      const { code, stdout } = await run('get', 'specter2', '--dtype', 'fp32')
      expect(code).toBe(0)
      expect(stdout).toContain("Use it: createEmbedder({ model: '/models/specter2/' })")
      expect(onNetwork()[1]!.range).toBe(`bytes=400000-${weights.length - 1}`)
    })

    test('ends with 2 for an unknown name, and with 130 when it is interrupted', async () => {
      const unknown = await run('get', 'bert')
      expect({ code: unknown.code, stderr: unknown.stderr.split('\n')[0] }).toEqual({
        code: 2,
        stderr: `specter2-web get: <name> must be one of specter2, specter2-aug2023refresh, specter, scincl, scirepeval-adapters, minilm, but is "bert".`,
      })
      hub!.answer = () => true
      const { process, ended } = start('get', 'specter2')
      while (hub!.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      process.kill('SIGINT')
      expect(await ended).toEqual({ code: 130, stdout: '', stderr: 'Interrupted.\n' })
    })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing after a %s in the middle, and ends with 130', async (signal) => {
    await writeLargeBase(join(folder, 'large'))
    const before = await readdir(folder)
    const { process, ended } = start('convert', 'large', '--pooling', 'cls', '--calibrate', 'none', '--out', 'stopped')
    // In the middle: graphs are being written, of which there are 440 MB.
    for (;;) {
      const staging = (await readdir(folder)).find((name) => name.startsWith('stopped.'))
      if (staging && (await readdir(join(folder, staging))).includes('onnx')) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    process.kill(signal)
    const { code, stdout, stderr } = await ended
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'Interrupted.\n' })
    expect(await readdir(folder)).toEqual(before)
  })
})

/** A checkpoint of BERT-base's size that takes no room on the disk: its weights are a hole in the file, so zeros. */
async function writeLargeBase(base: string): Promise<void> {
  const shape = { ...smallShape, hidden: 768, layers: 12, heads: 12, intermediate: 3072, vocabulary: 31_090, positions: 512 }
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
