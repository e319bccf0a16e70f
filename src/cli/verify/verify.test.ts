import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { convertCommand } from '../convert/convert.js'
import { fixture, never, recordOutput, temporaryFolder } from '../testing.js'
import { findBrowser } from './browser-driver.js'
import { verifyCommand } from './verify.js'
import { verifyTexts } from './verify-texts.js'

const reference = join(fixture, 'reference.json')

let folder: string
/** The fixture as fp32 and q8, with one adapter. */
let model: string

beforeAll(async () => {
  folder = await temporaryFolder()
  model = join(folder, 'model')
  await convert(fixture, model)
  await writeFile(join(folder, 'empty.jsonl'), '\n')
  const texts = verifyTexts.papers.slice(10, 14).map((paper) => (typeof paper === 'string' ? { text: paper } : paper))
  await writeFile(join(folder, 'texts.jsonl'), texts.map((text) => JSON.stringify(text)).join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))

const convert = (base: string, out: string, ...args: string[]) =>
  convertCommand(
    [base, '--adapter', `proximity=${join(fixture, 'adapters/proximity')}`, '--out', out, '--calibrate', 'none', ...args],
    recordOutput().output,
    never,
  )

interface Verified {
  code: number
  rows: Record<string, unknown>[]
  printed: string
  /** Lines on standard error: what failed. */
  failures: string[]
}

async function verify(path: string, ...args: string[]): Promise<Verified> {
  const json = join(folder, 'rows.json')
  const { output, stdout, stderr } = recordOutput()
  const given = [path, '--texts', join(folder, 'texts.jsonl'), '--threads', '1', '--json', json]
  const code = await verifyCommand([...given, ...args], output, never)
  const { rows } = JSON.parse(await readFile(json, 'utf8'))
  return { code, rows, printed: stdout(), failures: stderr().split('\n').slice(0, -1) }
}

/** Makes a model whose q8 comes from weights with one negated matrix; its hashes are right. */
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
  test('are at least forty, short and long, all different', () => {
    const texts = [...verifyTexts.papers, ...verifyTexts.queries].map((text) => JSON.stringify(text))
    expect(texts.length).toBeGreaterThanOrEqual(40)
    expect(new Set(texts).size).toBe(texts.length)
    expect(Math.min(...texts.map(({ length }) => length))).toBeLessThan(20)
    expect(Math.max(...texts.map(({ length }) => length))).toBeGreaterThan(1500)
    expect(texts.join()).toMatch(/[é-ÿ].*[Ͱ-Ͽ]/)
  })
})

describe('verifyCommand', () => {
  test('passes the fixture: fp32 against the reference and its self-test, q8 against the reference and fp32', async () => {
    const { code, rows, failures } = await verify(model, '--reference', reference)
    expect({ code, failures }).toEqual({ code: 0, failures: [] })
    const place = { device: 'wasm', browser: 'node', pass: true }
    // Which other tiers there are depends on Node and the CPU.
    const engines = ['transformers', 'own, simd']
    expect(rows.filter(({ engine }) => engines.includes(engine as string))).toMatchObject([
      { dtype: 'fp32', adapter: 'base', against: 'reference', ...place },
      { dtype: 'fp32', adapter: 'base', against: 'self-test', ...place },
      { dtype: 'fp32', adapter: 'proximity', against: 'reference', ...place },
      { dtype: 'fp32', adapter: 'proximity', against: 'self-test', ...place },
      ...engines.flatMap((engine) => [
        { dtype: 'q8', engine, adapter: 'base', against: 'reference', ...place },
        { dtype: 'q8', engine, adapter: 'base', against: 'fp32', ...place },
        { dtype: 'q8', engine, adapter: 'proximity', against: 'reference', ...place },
        { dtype: 'q8', engine, adapter: 'proximity', against: 'fp32', ...place },
      ]),
    ])
    for (const { dtype, maxAbs, meanCosine, minCosine } of rows as Record<string, number | string>[]) {
      expect(minCosine).toBeLessThanOrEqual(meanCosine as number)
      if (dtype === 'fp32') expect(maxAbs).toBeLessThanOrEqual(2e-5)
      // Quantization changes the vectors.
      else expect(maxAbs).toBeGreaterThan(1e-3)
    }
  })

  test('returns 1 if the weights of one dtype are wrong, and says which rows failed', async () => {
    const { code, rows, failures } = await verify(await damagedQ8(), '--reference', reference)
    expect(code).toBe(1)
    expect(rows.filter(({ dtype }) => dtype === 'fp32').map(({ pass }) => pass)).toEqual([true, true, true, true])
    const q8 = rows.filter(({ dtype }) => dtype === 'q8')
    expect(q8.length).toBeGreaterThanOrEqual(8)
    expect(q8.filter(({ pass }) => pass !== false)).toEqual([])
    expect(failures.slice(0, 2)).toEqual([
      'failed: q8 on wasm in node (transformers), base against reference',
      'failed: q8 on wasm in node (transformers), base against fp32',
    ])
    expect(failures).toHaveLength(q8.length)
  })

  test('returns 1 if a file is not the one in the manifest, and still verifies the other dtypes', async () => {
    const cut = join(folder, 'cut')
    await cp(model, cut, { recursive: true })
    const path = join(cut, 'onnx/model_quantized.onnx')
    const bytes = await readFile(path)
    bytes[bytes.length >> 1]! ^= 1
    await writeFile(path, bytes)
    const { code, rows, failures } = await verify(cut)
    expect(code).toBe(1)
    const distinct = new Set(rows.map(({ dtype, adapter, pass }) => [dtype, adapter, pass].join()))
    expect([...distinct]).toEqual(['fp32,base,true', 'fp32,proximity,true', 'q8,all,false'])
    expect(failures[0]).toMatch(
      /^failed: q8 on wasm in node \(transformers\), all: not run: .*model_quantized\.onnx is not the file that its/,
    )
  })

  test('compares a model without fp32 with its self-test, and says so', async () => {
    const q8 = join(folder, 'q8')
    await convert(fixture, q8, '--dtype', 'q8')
    const { code, rows, printed } = await verify(q8)
    expect(code).toBe(0)
    const distinct = new Set(rows.map(({ adapter, against }) => [adapter, against].join()))
    expect([...distinct]).toEqual(['base,self-test', 'proximity,self-test'])
    expect(printed).toMatch(/no fp32.*self-test/)
  })

  test('stops with the reason of its signal', async () => {
    const controller = new AbortController()
    const reason = new Error('Interrupted.')
    const work = verifyCommand([model, '--threads', '1'], recordOutput().output, controller.signal)
    setTimeout(() => controller.abort(reason), 200)
    await expect(work).rejects.toBe(reason)
  })

  test.each<[string, string[], string]>([
    ['no folder', [], '<folder>'],
    ['two folders', ['a', 'b'], '<folder>'],
    ['a missing reference', ['MODEL', '--reference', 'none'], '--reference'],
    ['missing texts', ['MODEL', '--texts', 'none'], '--texts'],
    ['a file without texts', ['MODEL', '--texts', 'EMPTY'], '--texts'],
  ])('refuses %s before any work', async (_, args, field) => {
    const given = args.map((arg) => ({ MODEL: model, EMPTY: join(folder, 'empty.jsonl') })[arg] ?? arg)
    const { output, stdout } = recordOutput()
    await expect(verifyCommand(given, output, never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
    expect(stdout()).toBe('')
  })

  test('refuses a folder that is not a model', async () => {
    await failure(verifyCommand([folder], recordOutput().output, never), 'MODEL_NOT_FOUND')
  })

  test('says what to install if a project has no driver for a browser', async () => {
    const advice = (name: string) => `Run \`npm install --save-dev ${name}\` in your project.`
    expect((await failure(findBrowser('chromium', [folder]), 'UNSUPPORTED')).message).toContain(advice('playwright-core'))
    expect((await failure(findBrowser('firefox', [folder]), 'UNSUPPORTED')).message).toContain(advice('puppeteer-core'))
  })
})
