import { describe, expect, test } from 'vitest'
import { Specter2Error } from '../errors.js'
import { CHUNK_BYTES, chunkByteLength, type Manifest, parseManifest } from './manifest.js'

const URL = 'https://models.example/tiny/manifest.json'
const HASH = 'a'.repeat(64)

function valid(): Manifest {
  const proximity = { file: 'adapters/proximity.safetensors', source: 'allenai/specter2' }
  return {
    formatVersion: 1,
    id: 'allenai/specter2_base',
    revision: '3447645e1def9117997203454fa4495937bfbd83',
    license: 'Apache-2.0',
    dimension: 2,
    layers: 12,
    maxTokens: 512,
    pooling: 'cls',
    normalized: false,
    metric: 'euclidean',
    templates: { paper: '{title}[SEP]{abstract}', query: '{query}', trim: false },
    dtypes: { q8: { graph: 'onnx/model_quantized.onnx' } },
    adapters: { proximity } as unknown as Manifest['adapters'],
    defaultAdapter: 'proximity',
    queryAdapter: 'base',
    files: {
      'onnx/model_quantized.onnx': { bytes: CHUNK_BYTES + 1, chunks: [HASH, HASH] },
      'adapters/proximity.safetensors': { bytes: 3, chunks: [HASH] },
    },
    selfTest: { texts: ['a'], vectors: { base: [[1, 2]], proximity: [[3, 4]] } as unknown as Manifest['selfTest']['vectors'] },
  }
}

/** Parses the valid manifest after `change`, which may break any rule. */
// biome-ignore lint/suspicious/noExplicitAny: the point of these tests is to break the type
function parseChanged(change: (manifest: any) => void): Manifest {
  const manifest = valid()
  change(manifest)
  return parseManifest(JSON.stringify(manifest), URL)
}

function errorOf(work: () => unknown): Specter2Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Specter2Error) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}

test('a valid manifest is returned unchanged, without fields that this version does not know', () => {
  expect(parseChanged((manifest) => Object.assign(manifest, { comment: 'new' }))).toEqual(valid())
})

test('the last chunk of a file may be shorter, and an empty file has none', () => {
  const { files } = parseChanged((manifest) => Object.assign(manifest.files, { 'empty.txt': { bytes: 0, chunks: [] } }))
  const graph = files['onnx/model_quantized.onnx']!
  expect([chunkByteLength(graph, 0), chunkByteLength(graph, 1)]).toEqual([CHUNK_BYTES, 1])
})

test('a web page is named as such, with the URL', () => {
  const error = errorOf(() => parseManifest('\n<!DOCTYPE html><title>App</title>', URL))
  expect(error).toMatchObject({ code: 'INVALID_MODEL', retryable: false, details: { url: URL } })
  expect(error.details).toEqual({ url: URL, found: 'web page' })
})

test('text that is not JSON is refused', () => {
  const error = errorOf(() => parseManifest('{"formatVersion": 1', URL))
  expect(error).toMatchObject({ code: 'INVALID_MODEL', details: { url: URL, found: 'text that is not JSON' } })
})

test('a folder for a newer version is refused as such, whatever else its manifest holds', () => {
  const error = errorOf(() => parseManifest('{"formatVersion": 2, "shards": []}', URL))
  expect(error).toMatchObject({ code: 'UNSUPPORTED', details: { expected: 1, actual: 2 } })
})

test("a web app's manifest.json, which has no format version, is refused", () => {
  const error = errorOf(() => parseManifest('{"name": "App", "icons": []}', URL))
  expect(error).toMatchObject({ code: 'INVALID_MODEL', details: { field: 'formatVersion' } })
})

describe('a path that leaves the folder or changes the URL is refused', () => {
  const hostile = [
    '../a',
    'a/../../b',
    '/etc/passwd',
    'C:\\a',
    'a\\b',
    'https://evil.example/a',
    'a?b',
    'a#b',
    '%2e%2e/a',
    './a',
    'a//b',
    'a/',
    '',
    'a\nb',
  ]
  test.each(hostile)('%j', (path) => {
    const error = errorOf(() =>
      parseChanged((manifest) => Object.assign(manifest.files, { [path]: { bytes: 1, chunks: [HASH] } })),
    )
    expect(error).toMatchObject({ code: 'INVALID_MODEL', details: { field: `files["${path}"]` } })
  })
})

test('a file named __proto__ stays an ordinary key', () => {
  const text = JSON.stringify(valid()).replace('"files":{', `"files":{"__proto__":{"bytes":1,"chunks":["${HASH}"]},`)
  const { files } = parseManifest(text, URL)
  expect(Object.getPrototypeOf(files)).toBe(Object.prototype)
  expect(Object.keys(files)).toContain('__proto__')
})

// biome-ignore lint/suspicious/noExplicitAny: as above
const broken: [field: string, change: (manifest: any) => void][] = [
  ['id', (m) => delete m.id],
  ['revision', (m) => Object.assign(m, { revision: '' })],
  ['license', (m) => Object.assign(m, { license: null })],
  ['dimension', (m) => Object.assign(m, { dimension: 0 })],
  ['layers', (m) => Object.assign(m, { layers: 1.5 })],
  ['maxTokens', (m) => Object.assign(m, { maxTokens: '512' })],
  ['pooling', (m) => Object.assign(m, { pooling: 'max' })],
  ['normalized', (m) => Object.assign(m, { normalized: 1 })],
  ['metric', (m) => Object.assign(m, { metric: 'dot' })],
  ['templates.paper', (m) => Object.assign(m.templates, { paper: 'title' })],
  ['templates.query', (m) => Object.assign(m.templates, { query: '{title}' })],
  ['templates.trim', (m) => delete m.templates.trim],
  ['dtypes', (m) => Object.assign(m, { dtypes: {} })],
  ['dtypes["int8"]', (m) => Object.assign(m.dtypes, { int8: { graph: 'onnx/model_quantized.onnx' } })],
  ['dtypes["q4"].graph', (m) => Object.assign(m.dtypes, { q4: { graph: 'onnx/not_listed.onnx' } })],
  ['dtypes["q4"].graph', (m) => Object.assign(m.dtypes, { q4: { graph: 'constructor' } })],
  ['dtypes["q8"].data', (m) => Object.assign(m.dtypes, { q8: { graph: 'onnx/model_quantized.onnx', data: '../weights' } })],
  ['dtypes["q8"].cpuGraph', (m) => Object.assign(m.dtypes, { q8: { graph: 'onnx/model_quantized.onnx', cpuGraph: 'x' } })],
  ['dtypes["q8"]', (m) => Object.assign(m.dtypes, { q8: 'onnx/model_quantized.onnx' })],
  ['adapters', (m) => Object.assign(m, { adapters: [] })],
  ['adapters["proximity"].file', (m) => Object.assign(m.adapters.proximity, { file: 'adapters/other.safetensors' })],
  ['adapters["base"]', (m) => Object.assign(m.adapters, { base: m.adapters.proximity })],
  ['adapters["../x"]', (m) => Object.assign(m.adapters, { '../x': m.adapters.proximity })],
  ['defaultAdapter', (m) => Object.assign(m, { defaultAdapter: 'toString' })],
  ['queryAdapter', (m) => Object.assign(m, { queryAdapter: 'adhoc_query' })],
  ['files["a"].bytes', (m) => Object.assign(m.files, { a: { bytes: -1, chunks: [] } })],
  ['files["a"].bytes', (m) => Object.assign(m.files, { a: { bytes: 2 ** 31 + 1, chunks: [] } })],
  ['files["a"].chunks', (m) => Object.assign(m.files, { a: { bytes: CHUNK_BYTES + 1, chunks: [HASH] } })],
  ['files["a"].chunks', (m) => Object.assign(m.files, { a: { bytes: 0, chunks: [HASH] } })],
  ['files["a"].chunks[0]', (m) => Object.assign(m.files, { a: { bytes: 1, chunks: [HASH.toUpperCase()] } })],
  ['selfTest.texts[0]', (m) => Object.assign(m.selfTest, { texts: [7] })],
  ['selfTest.vectors["base"]', (m) => Object.assign(m.selfTest.vectors, { base: [] })],
  ['selfTest.vectors["base"][0]', (m) => Object.assign(m.selfTest.vectors, { base: [[1]] })],
  ['selfTest.vectors["base"][0][1]', (m) => Object.assign(m.selfTest.vectors, { base: [[1, null]] })],
  ['selfTest.vectors["other"]', (m) => Object.assign(m.selfTest.vectors, { other: [[1, 2]] })],
  ['selfTest.vectors.proximity', (m) => delete m.selfTest.vectors.proximity],
]

test.each(broken)('a manifest with a wrong %s is refused, and the error names it', (field, change) => {
  const error = errorOf(() => parseChanged(change))
  expect(error).toMatchObject({ code: 'INVALID_MODEL', details: { url: URL, field } })
})
