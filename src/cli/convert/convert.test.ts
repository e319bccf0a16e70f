import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { configOf, json, smallShape, utf8 } from '../../../testing/models.js'
import type { ErrorCode } from '../../core/errors.js'
import { parseManifest } from '../../core/model-folder/manifest.js'
import { fixture, never, recordOutput, temporaryFolder } from '../testing.js'
import { convertCommand } from './convert.js'

let folder: string
let out: string

beforeEach(async () => {
  folder = await temporaryFolder()
  out = join(folder, 'out')
})
afterEach(() => rm(folder, { recursive: true }))

/** Converts, and gives what was printed. */
async function convert(args: readonly string[], signal = never): Promise<string> {
  const { output, stdout } = recordOutput()
  await convertCommand(args, output, signal)
  return stdout()
}

const adapter = (name: string, of = name) => ['--adapter', `${name}=${join(fixture, 'adapters', of)}`]
const manifest = async () => parseManifest(await readFile(join(out, 'manifest.json'), 'utf8'), out)

/** A copy of the fixture with other files. */
async function changedFixture(changes: Readonly<Record<string, Uint8Array | null>>): Promise<string> {
  const base = join(folder, 'base')
  await cp(fixture, base, { recursive: true })
  for (const [path, bytes] of Object.entries(changes)) {
    if (bytes) await writeFile(join(base, path), bytes)
    else await rm(join(base, path))
  }
  return base
}

describe('convertCommand', () => {
  test('converts the fixture with two adapters and says so in one line', async () => {
    await writeFile(join(folder, 'texts.jsonl'), '{"title":"Soil moisture","abstract":"And floods."}\n{"query":"floods"}')
    const calibrate = ['--calibrate', join(folder, 'texts.jsonl')]
    const adapters = [...adapter('proximity'), ...adapter('adhoc_query')]
    const printed = await convert([fixture, ...adapters, ...calibrate, '--out', out, '--license', 'Apache-2.0'])
    expect(printed).toBe(`${out}: specter2-tiny as fp32, q8 with adapters base, proximity, adhoc_query\n`)
    expect((await readdir(folder)).sort()).toEqual(['out', 'texts.jsonl'])
    const { files, ...written } = await manifest()
    const { id, license, dtypes } = written
    expect({ id, license, adapters: Object.keys(written.adapters), dtypes: Object.keys(dtypes) }).toEqual({
      id: 'specter2-tiny',
      license: 'Apache-2.0',
      adapters: ['proximity', 'adhoc_query'],
      dtypes: ['fp32', 'q8'],
    })
    const entries = await readdir(out, { recursive: true, withFileTypes: true })
    expect(entries.filter((entry) => entry.isFile())).toHaveLength(Object.keys(files).length + 1)
  })

  test('flags override what the files say, and the model of an earlier run is replaced', async () => {
    await convert([fixture, '--pooling', 'cls', '--calibrate', 'none', '--out', out])
    const flags = ['--pooling', 'mean', '--normalize', 'yes', '--max-tokens', '128', '--metric', 'euclidean', '--dtype', 'q8']
    const texts = ['--paper-template', 'passage: {title}. {abstract}', '--query-template', 'query: {query}']
    const names = ['--id', 'me/tiny', '--revision', 'r2', '--license', 'MIT']
    await writeFile(join(folder, 'MIT.txt'), 'Permission is hereby granted')
    const licence = ['--license-file', join(folder, 'MIT.txt'), '--attribution', 'With thanks to A. Turing.']
    await writeFile(join(folder, 'texts.jsonl'), '{"title":"Soil moisture"}')
    const calibration = ['--error-feedback', 'no', '--calibrate', join(folder, 'texts.jsonl')]
    await convert([fixture, '--out', out, ...calibration, ...flags, ...texts, ...names, ...licence])
    expect(await readFile(join(out, 'LICENSE'), 'utf8')).toBe('Permission is hereby granted')
    expect(await readFile(join(out, 'NOTICE.md'), 'utf8')).toContain('With thanks to A. Turing.')
    expect((await readdir(folder)).sort()).toEqual(['MIT.txt', 'out', 'texts.jsonl'])
    expect(await manifest()).toMatchObject({
      id: 'me/tiny',
      revision: 'r2',
      license: 'MIT',
      pooling: 'mean',
      normalized: true,
      maxTokens: 128,
      metric: 'euclidean',
      templates: { paper: 'passage: {title}. {abstract}', query: 'query: {query}' },
      dtypes: { q8: { graph: 'onnx/model_quantized.onnx' } },
    })
  })

  test.each<[string, string[], string]>([
    ['no base', ['--out', 'x'], '<base>'],
    ['two bases', ['a', 'b', '--out', 'x'], '<base>'],
    ['no --out', [fixture], '--out'],
    ['an unknown dtype', [fixture, '--out', 'OUT', '--dtype', 'fp32,int3'], '--dtype'],
    ['an empty list of dtypes', [fixture, '--out', 'OUT', '--dtype', ''], '--dtype'],
    ['an adapter without folder', [fixture, '--out', 'OUT', '--adapter', 'proximity'], '--adapter'],
    ['an adapter without name', [fixture, '--out', 'OUT', '--adapter', '=x'], '--adapter'],
    ['an adapter named base', [fixture, '--out', 'OUT', '--adapter', 'base=x'], '--adapter'],
    ['an adapter named like a path', [fixture, '--out', 'OUT', '--adapter', '../x=y'], '--adapter'],
    [
      'two adapters of one name',
      [fixture, '--out', 'OUT', ...adapter('a', 'proximity'), ...adapter('a', 'regression')],
      '--adapter',
    ],
    ['an unknown pooling', [fixture, '--out', 'OUT', '--pooling', 'max'], '--pooling'],
    ['an unknown answer', [fixture, '--out', 'OUT', '--normalize', 'true'], '--normalize'],
    ['a limit that is not a whole number', [fixture, '--out', 'OUT', '--max-tokens', '12.5'], '--max-tokens'],
    ['a limit above the positions', [fixture, '--out', 'OUT', '--max-tokens', '513', '--pooling', 'cls'], 'maxTokens'],
    ['a template without fields', [fixture, '--out', 'OUT', '--paper-template', 'x', '--pooling', 'cls'], 'paperTemplate'],
    ['a missing licence', [fixture, '--out', 'OUT', '--license-file', 'none.txt'], '--license-file'],
    ['missing calibration texts', [fixture, '--out', 'OUT', '--calibrate', 'none.jsonl'], '--calibrate'],
  ])('refuses %s, and leaves nothing', async (_, args, field) => {
    const work = convert(args.map((arg) => (arg === 'OUT' ? out : arg)))
    await expect(work).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses an unknown option by its name', async () => {
    const code = 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    await expect(convert([fixture, '--out', out, '--quantize', 'q8'])).rejects.toMatchObject({ code })
  })

  test.each<[string, Record<string, Uint8Array | null>, ErrorCode]>([
    ['has no config.json', { 'config.json': null }, 'MODEL_NOT_FOUND'],
    ['is not a BERT', { 'config.json': json({ ...configOf(smallShape), model_type: 'roberta' }) }, 'UNSUPPORTED'],
    [
      'is not what config.json describes',
      { 'config.json': json({ ...configOf(smallShape), hidden_size: 64, num_hidden_layers: 3 }) },
      'DAMAGED_FILE',
    ],
    ['has a web page instead of its weights', { 'model.safetensors': utf8('<!doctype html>') }, 'DAMAGED_FILE'],
    ['has no tokenizer', { 'tokenizer.json': null, 'vocab.txt': null }, 'MODEL_NOT_FOUND'],
    [
      'has an adapter that is cut off',
      { 'adapters/regression/pytorch_adapter.bin': new Uint8Array(99).fill(0x50, 0, 1).fill(0x4b, 1, 2) },
      'DAMAGED_FILE',
    ],
  ])('leaves nothing if the checkpoint %s', async (_, changes, code) => {
    const base = await changedFixture(changes)
    const error = await failure(convert([base, '--out', out, '--adapter', `regression=${base}/adapters/regression`]), code)
    // Names the file at fault.
    expect(error.message).toContain(Object.keys(changes)[0]?.split('/').at(-1))
    expect(await readdir(folder)).toEqual(['base'])
  })

  test('refuses an --out that exists and is not a model, before any work, and leaves it as it was', async () => {
    await mkdir(out)
    await writeFile(join(out, 'thesis.tex'), 'mine')
    const { details } = await failure(convert([fixture, '--out', out, '--pooling', 'cls']), 'UNSUPPORTED')
    expect(details).toEqual({ folder: out })
    expect(await readdir(folder, { recursive: true })).toEqual(['out', 'out/thesis.tex'])
  })

  test('refuses folders that are missing', async () => {
    await failure(convert([join(folder, 'none'), '--out', out]), 'MODEL_NOT_FOUND')
    const missing = join(folder, 'none')
    const { details } = await failure(convert([fixture, '--adapter', `x=${missing}`, '--out', out]), 'MODEL_NOT_FOUND')
    expect(details).toEqual({ folder: missing })
    expect(await readdir(folder)).toEqual([])
  })

  test('leaves nothing when it is interrupted, and an older model as it was', async () => {
    await convert([fixture, '--pooling', 'cls', '--calibrate', 'none', '--out', out])
    const before = await readFile(join(out, 'manifest.json'), 'utf8')
    for (const delayMs of [0, 5, 20]) {
      const controller = new AbortController()
      const reason = new Error('Interrupted.')
      const work = convert([fixture, '--pooling', 'mean', '--out', out], controller.signal)
      setTimeout(() => controller.abort(reason), delayMs)
      await expect(work).rejects.toBe(reason)
      expect(await readdir(folder)).toEqual(['out'])
      expect(await readFile(join(out, 'manifest.json'), 'utf8')).toBe(before)
    }
  })
})
