import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { configOf, json, smallShape, utf8 } from '../../../testing/models.js'
import { type ErrorCode, InvalidArgumentError } from '../../core/errors.js'
import { parseManifest } from '../../core/model-folder/manifest.js'
import { convertCommand } from './convert.js'

const fixture = fileURLToPath(new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url))
const never = new AbortController().signal

let folder: string
let out: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  out = join(folder, 'out')
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

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
    await convertCommand(
      [fixture, ...adapter('proximity'), ...adapter('adhoc_query'), '--out', out, '--license', 'Apache-2.0'],
      never,
    )
    expect(await readdir(folder)).toEqual(['out'])
    const { id, license, adapters, dtypes, files } = await manifest()
    expect({ id, license, adapters: Object.keys(adapters), dtypes: Object.keys(dtypes) }).toEqual({
      id: 'specter2-tiny',
      license: 'Apache-2.0',
      adapters: ['proximity', 'adhoc_query'],
      dtypes: ['fp32', 'q8'],
    })
    const written = await readdir(out, { recursive: true, withFileTypes: true })
    expect(written.filter((entry) => entry.isFile())).toHaveLength(Object.keys(files).length + 1)
    expect(vi.mocked(console.log).mock.calls).toEqual([
      [`${out}: specter2-tiny as fp32, q8 with adapters base, proximity, adhoc_query`],
    ])
  })

  test('lets flags say what the files do not, and replaces the model of an earlier run', async () => {
    await convertCommand([fixture, '--pooling', 'cls', '--calibrate', 'none', '--out', out], never)
    const flags = ['--pooling', 'mean', '--normalize', 'yes', '--max-tokens', '128', '--metric', 'euclidean', '--dtype', 'q8']
    const texts = ['--paper-template', 'passage: {title}. {abstract}', '--query-template', 'query: {query}']
    const names = ['--id', 'me/tiny', '--revision', 'r2', '--license', 'MIT']
    await writeFile(join(folder, 'MIT.txt'), 'Permission is hereby granted')
    const licence = ['--license-file', join(folder, 'MIT.txt'), '--attribution', 'With thanks to A. Turing.']
    await convertCommand([fixture, '--out', out, '--error-feedback', 'no', ...flags, ...texts, ...names, ...licence], never)
    expect(await readFile(join(out, 'LICENSE'), 'utf8')).toBe('Permission is hereby granted')
    expect(await readFile(join(out, 'NOTICE.md'), 'utf8')).toContain('With thanks to A. Turing.')
    expect((await readdir(folder)).sort()).toEqual(['MIT.txt', 'out'])
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
    ['no base', ['--out', 'x'], '<base> must be one folder, but is ""'],
    ['two bases', ['a', 'b', '--out', 'x'], '<base> must be one folder, but is "a b"'],
    ['no --out', [fixture], '--out must be the folder to write, but is undefined'],
    [
      'an unknown dtype',
      [fixture, '--out', 'OUT', '--dtype', 'fp32,int3'],
      '--dtype must be one of fp32, fp16, q8, q4, q4f16, but is "int3"',
    ],
    [
      'an empty list of dtypes',
      [fixture, '--out', 'OUT', '--dtype', ''],
      '--dtype must be one of fp32, fp16, q8, q4, q4f16, but is ""',
    ],
    ['an adapter without folder', [fixture, '--out', 'OUT', '--adapter', 'proximity'], '--adapter must be NAME=FOLDER'],
    ['an adapter without name', [fixture, '--out', 'OUT', '--adapter', '=x'], '--adapter must be NAME=FOLDER'],
    ['an adapter named base', [fixture, '--out', 'OUT', '--adapter', 'base=x'], '--adapter must be NAME=FOLDER'],
    ['an adapter named like a path', [fixture, '--out', 'OUT', '--adapter', '../x=y'], '--adapter must be NAME=FOLDER'],
    [
      'two adapters of one name',
      [fixture, '--out', 'OUT', ...adapter('a', 'proximity'), ...adapter('a', 'regression')],
      '--adapter must be a name that was not given before',
    ],
    ['an unknown pooling', [fixture, '--out', 'OUT', '--pooling', 'max'], '--pooling must be one of cls, mean, but is "max"'],
    ['an unknown answer', [fixture, '--out', 'OUT', '--normalize', 'true'], '--normalize must be one of yes, no, but is "true"'],
    [
      'a limit that is no number',
      [fixture, '--out', 'OUT', '--max-tokens', '12.5'],
      '--max-tokens must be a whole number of at least 3, but is "12.5"',
    ],
    [
      'a limit above the positions',
      [fixture, '--out', 'OUT', '--max-tokens', '513', '--pooling', 'cls'],
      'maxTokens must be at most 512, the positions of the model, but is 513',
    ],
    [
      'a template without fields',
      [fixture, '--out', 'OUT', '--paper-template', 'x', '--pooling', 'cls'],
      'paperTemplate must be a text with {title} or {abstract}, but is "x"',
    ],
    [
      'a licence that is not there',
      [fixture, '--out', 'OUT', '--license-file', 'none.txt'],
      '--license-file must be a file that can be read, but is "none.txt"',
    ],
  ])('refuses %s, and leaves nothing', async (_, args, message) => {
    const work = convertCommand(
      args.map((arg) => (arg === 'OUT' ? out : arg)),
      never,
    )
    await expect(work).rejects.toThrow(InvalidArgumentError)
    await expect(work).rejects.toThrow(message)
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses an unknown option by its name', async () => {
    await expect(convertCommand([fixture, '--out', out, '--quantize', 'q8'], never)).rejects.toThrow(
      "Unknown option '--quantize'",
    )
  })

  test.each<[string, Record<string, Uint8Array | null>, ErrorCode, string]>([
    ['has no config.json', { 'config.json': null }, 'MODEL_NOT_FOUND', 'base has no config.json.'],
    [
      'is no BERT',
      { 'config.json': json({ ...configOf(smallShape), model_type: 'roberta' }) },
      'UNSUPPORTED',
      'base/config.json: model_type is "roberta"',
    ],
    [
      'is not what config.json describes',
      { 'config.json': json({ ...configOf(smallShape), hidden_size: 64, num_hidden_layers: 3 }) },
      'DAMAGED_FILE',
      'config.json says [',
    ],
    [
      'has a web page for its weights',
      { 'model.safetensors': utf8('<!doctype html>') },
      'DAMAGED_FILE',
      'model.safetensors is an HTML page',
    ],
    [
      'has no tokenizer',
      { 'tokenizer.json': null, 'vocab.txt': null },
      'MODEL_NOT_FOUND',
      'base has neither tokenizer.json nor vocab.txt',
    ],
    [
      'has an adapter that is cut off',
      { 'adapters/regression/pytorch_adapter.bin': new Uint8Array(99).fill(0x50, 0, 1).fill(0x4b, 1, 2) },
      'DAMAGED_FILE',
      'Adapter regression: pytorch_adapter.bin begins as a zip archive, but is cut off at byte 99',
    ],
  ])('leaves nothing where the checkpoint %s', async (_, changes, code, message) => {
    const base = await changedFixture(changes)
    const given = ['--adapter', `regression=${base}/adapters/regression`]
    const error = await failure(convertCommand([base, '--out', out, ...given], never), code)
    expect(error.message).toContain(message)
    expect(await readdir(folder)).toEqual(['base'])
  })

  test('refuses an --out that exists and is no model, before any work, and leaves it as it was', async () => {
    await mkdir(out)
    await writeFile(join(out, 'thesis.tex'), 'mine')
    const error = await failure(convertCommand([fixture, '--out', out, '--pooling', 'cls'], never), 'UNSUPPORTED')
    expect(error.message).toContain('exists and is no converted model. Choose another --out, or remove it.')
    expect(await readdir(folder, { recursive: true })).toEqual(['out', 'out/thesis.tex'])
  })

  test('refuses folders that are missing', async () => {
    await failure(convertCommand([join(folder, 'none'), '--out', out], never), 'MODEL_NOT_FOUND')
    const work = convertCommand([fixture, '--adapter', `x=${join(folder, 'none')}`, '--out', out], never)
    expect((await failure(work, 'MODEL_NOT_FOUND')).message).toContain('none is no folder')
    expect(await readdir(folder)).toEqual([])
  })

  test('leaves nothing when it is interrupted, and an older model as it was', async () => {
    await convertCommand([fixture, '--pooling', 'cls', '--calibrate', 'none', '--out', out], never)
    const before = await readFile(join(out, 'manifest.json'), 'utf8')
    for (const delayMs of [0, 5, 20]) {
      const controller = new AbortController()
      const reason = new Error('Interrupted.')
      const work = convertCommand([fixture, '--pooling', 'mean', '--out', out], controller.signal)
      setTimeout(() => controller.abort(reason), delayMs)
      await expect(work).rejects.toBe(reason)
      expect(await readdir(folder)).toEqual(['out'])
      expect(await readFile(join(out, 'manifest.json'), 'utf8')).toBe(before)
    }
  })
})
