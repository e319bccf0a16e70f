import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { convertCommand } from '../convert/convert.js'
import { findBrowser } from './browser-driver.js'
import { verifyCommand } from './verify.js'
import { verifyTexts } from './verify-texts.js'

const fixture = fileURLToPath(new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url))
const reference = join(fixture, 'reference.json')
const never = new AbortController().signal

let folder: string
/** The fixture as fp32 and q8, with one adapter. */
let model: string

beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  model = join(folder, 'model')
  await convert(fixture, model)
  await writeFile(join(folder, 'empty.jsonl'), '\n')
  const texts = verifyTexts.papers.slice(10, 14).map((paper) => (typeof paper === 'string' ? { text: paper } : paper))
  await writeFile(join(folder, 'texts.jsonl'), texts.map((text) => JSON.stringify(text)).join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => void vi.restoreAllMocks())

const convert = (base: string, out: string, ...args: string[]) =>
  convertCommand(
    [base, '--adapter', `proximity=${join(fixture, 'adapters/proximity')}`, '--out', out, '--calibrate', 'none', ...args],
    never,
  )

interface Verified {
  code: number
  rows: Record<string, unknown>[]
  /** Each line that says what fell short. */
  complaints: string[]
}

async function verify(path: string, ...args: string[]): Promise<Verified> {
  const json = join(folder, 'rows.json')
  const code = await verifyCommand(
    [path, '--texts', join(folder, 'texts.jsonl'), '--threads', '1', '--json', json, ...args],
    never,
  )
  const { rows } = JSON.parse(await readFile(json, 'utf8'))
  return { code, rows, complaints: vi.mocked(console.error).mock.calls.map(([line]) => String(line)) }
}

/** A folder whose q8 is of weights of which one matrix has its signs turned, with hashes that are right. */
async function damagedQ8(): Promise<string> {
  const [base, other, damaged] = ['base', 'other', 'damaged'].map((name) => join(folder, name)) as [string, string, string]
  await cp(fixture, base, { recursive: true })
  const weights = await readFile(join(base, 'model.safetensors'))
  const headerBytes = Number(weights.readBigUInt64LE(0))
  const header = JSON.parse(weights.toString('utf8', 8, 8 + headerBytes))
  const name = Object.keys(header).find((key) => key.endsWith('layer.1.intermediate.dense.weight'))!
  const [start, end] = header[name].data_offsets
  for (let byte = start + 3; byte < end; byte += 4) weights[8 + headerBytes + byte]! ^= 0x80
  await writeFile(join(base, 'model.safetensors'), weights)
  await convert(base, other, '--dtype', 'q8')

  await cp(model, damaged, { recursive: true })
  await cp(join(other, 'onnx'), join(damaged, 'onnx'), { recursive: true })
  const manifest = async (path: string) => JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'))
  const [good, bad] = [await manifest(model), await manifest(other)]
  for (const [path, file] of Object.entries(bad.files)) if (path.startsWith('onnx/')) good.files[path] = file
  good.dtypes.q8 = bad.dtypes.q8
  await writeFile(join(damaged, 'manifest.json'), JSON.stringify(good))
  return damaged
}

describe('verifyTexts', () => {
  test('are some forty, short and long, and each another', () => {
    const texts = [...verifyTexts.papers, ...verifyTexts.queries].map((text) => JSON.stringify(text))
    expect(texts.length).toBeGreaterThanOrEqual(40)
    expect(new Set(texts).size).toBe(texts.length)
    expect(Math.min(...texts.map(({ length }) => length))).toBeLessThan(20)
    expect(Math.max(...texts.map(({ length }) => length))).toBeGreaterThan(1500)
    expect(texts.join()).toMatch(/[é-ÿ].*[Ͱ-Ͽ]/)
  })
})

describe('verifyCommand', () => {
  test('passes the fixture: fp32 by the reference and its self-test, q8 by the reference and fp32', async () => {
    const { code, rows, complaints } = await verify(model, '--reference', reference)
    expect({ code, complaints }).toEqual({ code: 0, complaints: [] })
    const place = { device: 'wasm', browser: 'node', pass: true }
    expect(rows).toMatchObject([
      { dtype: 'fp32', adapter: 'base', against: 'reference', ...place },
      { dtype: 'fp32', adapter: 'base', against: 'self-test', ...place },
      { dtype: 'fp32', adapter: 'proximity', against: 'reference', ...place },
      { dtype: 'fp32', adapter: 'proximity', against: 'self-test', ...place },
      { dtype: 'q8', adapter: 'base', against: 'reference', ...place },
      { dtype: 'q8', adapter: 'base', against: 'fp32', ...place },
      { dtype: 'q8', adapter: 'proximity', against: 'reference', ...place },
      { dtype: 'q8', adapter: 'proximity', against: 'fp32', ...place },
    ])
    for (const { dtype, maxAbs, meanCosine, minCosine } of rows as Record<string, number | string>[]) {
      expect(minCosine).toBeLessThanOrEqual(meanCosine as number)
      if (dtype === 'fp32') expect(maxAbs).toBeLessThanOrEqual(2e-5)
      // Quantized: other vectors than fp32's.
      else expect(maxAbs).toBeGreaterThan(1e-3)
    }
  })

  test('ends with 1 where the weights of one dtype are others, and says which rows', async () => {
    const { code, rows, complaints } = await verify(await damagedQ8(), '--reference', reference)
    expect(code).toBe(1)
    expect(rows.filter(({ dtype }) => dtype === 'fp32').map(({ pass }) => pass)).toEqual([true, true, true, true])
    expect(rows.filter(({ dtype }) => dtype === 'q8').map(({ pass }) => pass)).toEqual([false, false, false, false])
    expect(complaints).toEqual([
      'falls short: q8 on wasm in node, base against reference',
      'falls short: q8 on wasm in node, base against fp32',
      'falls short: q8 on wasm in node, proximity against reference',
      'falls short: q8 on wasm in node, proximity against fp32',
    ])
  })

  test('ends with 1 where a file is not what the manifest says, and verifies the other dtypes all the same', async () => {
    const cut = join(folder, 'cut')
    await cp(model, cut, { recursive: true })
    const path = join(cut, 'onnx/model_quantized.onnx')
    const bytes = await readFile(path)
    bytes[bytes.length >> 1]! ^= 1
    await writeFile(path, bytes)
    const { code, rows, complaints } = await verify(cut)
    expect(code).toBe(1)
    expect(rows.map(({ dtype, adapter, pass }) => [dtype, adapter, pass])).toEqual([
      ['fp32', 'base', true],
      ['fp32', 'proximity', true],
      ['q8', 'all', false],
    ])
    expect(complaints[0]).toMatch(
      /^falls short: q8 on wasm in node, all: not run: .*model_quantized\.onnx is not the file that its/,
    )
  })

  test('compares a folder without fp32 with its self-test, and says so', async () => {
    const q8 = join(folder, 'q8')
    await convert(fixture, q8, '--dtype', 'q8')
    const { code, rows } = await verify(q8)
    expect(code).toBe(0)
    expect(rows.map(({ adapter, against }) => [adapter, against])).toEqual([
      ['base', 'self-test'],
      ['proximity', 'self-test'],
    ])
    const printed = vi.mocked(console.log).mock.calls.map(([line]) => String(line))
    expect(printed).toContain('This folder has no fp32, so it was compared with its self-test alone.')
  })

  test('ends with the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('Interrupted.')
    const work = verifyCommand([model, '--threads', '1'], controller.signal)
    setTimeout(() => controller.abort(reason), 200)
    await expect(work).rejects.toBe(reason)
  })

  test.each<[string, string[], string]>([
    ['no folder', [], '<folder> must be one folder, but is ""'],
    ['two folders', ['a', 'b'], '<folder> must be one folder, but is "a b"'],
    ['a reference that is not there', ['MODEL', '--reference', 'none'], '--reference must be a file that can be read'],
    ['texts that are not there', ['MODEL', '--texts', 'none'], '--texts must be a file that can be read'],
    ['a file without texts', ['MODEL', '--texts', 'EMPTY'], '--texts must be a file with one text at least'],
  ])('refuses %s before any work', async (_, args, message) => {
    const work = verifyCommand(
      args.map((arg) => ({ MODEL: model, EMPTY: join(folder, 'empty.jsonl') })[arg] ?? arg),
      never,
    )
    await expect(work).rejects.toThrow(InvalidArgumentError)
    await expect(work).rejects.toThrow(message)
  })

  test('refuses a folder that is no model', async () => {
    await failure(verifyCommand([folder], never), 'MODEL_NOT_FOUND')
  })

  test('says what to install where a project has no driver for a browser', async () => {
    const advice = (name: string) => `Run \`npm install --save-dev ${name}\` in your project.`
    expect((await failure(findBrowser('chromium', [folder]), 'UNSUPPORTED')).message).toContain(advice('playwright-core'))
    expect((await failure(findBrowser('firefox', [folder]), 'UNSUPPORTED')).message).toContain(advice('puppeteer-core'))
  })
})
