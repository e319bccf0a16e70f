import { InvalidArgumentError, Specter2Error } from '../errors.js'
import type { LikenessRange, LikenessScale } from '../search/likeness.js'
import type { AdapterName, Device, Dtype, Metric } from '../types.js'
import { DTYPES } from './dtypes.js'

/** Bytes that one hash of a file covers, and the unit in which downloads are verified, stored and resumed. */
export const CHUNK_BYTES = 4 * 1024 * 1024

/** One file of a model folder. */
export interface ManifestFile {
  bytes: number
  /** SHA-256 (lower-case hex) of each {@link CHUNK_BYTES} of the file, in order; the last chunk may be shorter. */
  chunks: readonly string[]
}

/** One adapter of a model folder. */
export interface ManifestAdapter {
  /** Path of a safetensors file that holds the graph's adapter inputs by name. */
  file: string
  /** The same in float16, half the bytes: exact enough for quantized weights. */
  half?: string
  /** The published name or folder that it was converted from. */
  source: string
}

/** The files of a dtype. */
export interface ManifestGraph {
  /** The graph, a path in the folder. */
  graph: string
  /** The graph for the CPU, if it needs a different one: without a fast kernel for 4 bits, it unpacks them. */
  cpuGraph?: string
  /** Weights that the graphs refer to by the name of this file, if they do not hold them. */
  data?: string
}

/** `manifest.json`: everything that a loader must know about a model folder. */
export interface Manifest {
  formatVersion: 1
  /** Name of the published model, such as `allenai/specter2_base`. */
  id: string
  /** Revision of the published files, or a digest of the weights if none was given. */
  revision: string
  /** SPDX identifier of the weights' licence, or `unknown`. */
  license: string
  dimension: number
  layers: number
  /** Longest input in tokens, [CLS] and [SEP] included; longer texts are cut before the closing [SEP]. */
  maxTokens: number
  pooling: 'cls' | 'mean'
  /** Whether vectors are scaled to length 1. */
  normalized: boolean
  metric: Metric
  templates: {
    /** Text of a paper; `{title}` and `{abstract}` stand for its fields. */
    paper: string
    /** Text of a query; `{query}` stands for it. */
    query: string
    /** Whether the filled template loses its leading and trailing white space. */
    trim: boolean
  }
  dtypes: Readonly<Partial<Record<Dtype, ManifestGraph>>>
  /** Adapters of the folder; empty if the graph has no adapter inputs. `base` is never listed. */
  adapters: Readonly<Record<string, ManifestAdapter>>
  /** Adapter for papers if the caller names none. */
  defaultAdapter: AdapterName
  /** Adapter for queries. */
  queryAdapter: AdapterName
  /** What makes likeness of the model's distances, for `defaultAdapter` and `queryAdapter`. Folders of earlier versions lack it. */
  likeness?: LikenessScale
  /** Size and hashes of every other file of the folder, by path. */
  files: Readonly<Record<string, ManifestFile>>
  selfTest: {
    texts: readonly string[]
    /** Vectors of `texts` in fp32 for `base` and each adapter, [texts][dimension], of length 1 if `normalized`. */
    vectors: Readonly<Record<string, readonly (readonly number[])[]>>
  }
}

/** Paths of the files that run a dtype on a device: its graph, then the file of the graph's data, if it has one. */
export function graphFiles({ dtypes }: Manifest, dtype: Dtype, device: Device): string[] {
  const { graph, cpuGraph, data } = dtypes[dtype]!
  return [device === 'wasm' ? (cpuGraph ?? graph) : graph, ...(data === undefined ? [] : [data])]
}

/** Path of an adapter of the folder for a graph of `dtype`. Names come from users, who may ask for `constructor`. */
export function adapterFile({ adapters }: Manifest, name: AdapterName, dtype: Dtype): string | undefined {
  if (!Object.hasOwn(adapters, name)) return undefined
  const { file, half } = adapters[name]!
  return dtype === 'fp32' ? file : (half ?? file)
}

/** Size of chunk `index` of a file. */
export function chunkByteLength(file: ManifestFile, index: number): number {
  return Math.min(CHUNK_BYTES, file.bytes - index * CHUNK_BYTES)
}

/** Version of the format that this package writes and reads. */
const FORMAT_VERSION = 1

/** ONNX files are protobufs, which are limited to 2 GiB; no file of a folder is larger. */
const MAX_FILE_BYTES = 2 ** 31

/**
 * Parses a `manifest.json`, checks every field and drops fields that this version does not know. `url` names it in errors.
 *
 * @throws Specter2Error `INVALID_MODEL` if the text is a web page, not JSON or breaks a rule of the format (`details.field`
 *   says which); `UNSUPPORTED` if the folder was made for a newer version of this package.
 */
export function parseManifest(text: string, url: string): Manifest {
  try {
    return checkManifest(parseJson(text, url), url)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new Specter2Error(
      'INVALID_MODEL',
      `${url} is not a valid model manifest: ${error.message} Check the URL, or convert the model again.`,
      { details: { url, field: error.field } },
    )
  }
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const found = /^\s*</.test(text) ? 'web page' : 'text that is not JSON'
    throw new Specter2Error('INVALID_MODEL', `${url} is a ${found}, not the manifest.json of a model folder. Check the URL.`, {
      details: { url, found },
      cause,
    })
  }
}

function checkManifest(json: unknown, url: string): Manifest {
  const root = object(json, 'manifest')
  const { formatVersion } = root
  if (Number.isInteger(formatVersion) && (formatVersion as number) > FORMAT_VERSION) {
    throw new Specter2Error(
      'UNSUPPORTED',
      `${url} has format version ${formatVersion}, and this version of specter2-web reads ${FORMAT_VERSION}. Update the package.`,
      { details: { url, expected: FORMAT_VERSION, actual: formatVersion as number } },
    )
  }
  if (formatVersion !== FORMAT_VERSION) throw new InvalidArgumentError('formatVersion', formatVersion, String(FORMAT_VERSION))

  const files = entries<string, ManifestFile>(root.files, 'files', checkFile)
  const listed = (value: unknown, field: string): string => {
    if (typeof value === 'string' && Object.hasOwn(files, value)) return value
    throw new InvalidArgumentError(field, value, 'the path of a file that `files` lists')
  }
  const adapters = entries<AdapterName, ManifestAdapter>(root.adapters, 'adapters', (value, field, name) => {
    checkAdapterName(name, field)
    const adapter = object(value, field)
    return {
      file: listed(adapter.file, `${field}.file`),
      ...(adapter.half === undefined ? {} : { half: listed(adapter.half, `${field}.half`) }),
      source: string(adapter.source, `${field}.source`),
    }
  })
  const adapterNames = ['base', ...Object.keys(adapters)]
  const dtypes = entries<Dtype, ManifestGraph>(root.dtypes, 'dtypes', (value, field, name) => {
    oneOf(name, field, DTYPES)
    const { graph, cpuGraph, data } = object(value, field)
    return {
      graph: listed(graph, `${field}.graph`),
      ...(cpuGraph === undefined ? {} : { cpuGraph: listed(cpuGraph, `${field}.cpuGraph`) }),
      ...(data === undefined ? {} : { data: listed(data, `${field}.data`) }),
    }
  })
  if (Object.keys(dtypes).length === 0) throw new InvalidArgumentError('dtypes', root.dtypes, 'the graph of one dtype at least')
  const dimension = count(root.dimension, 'dimension')

  return {
    formatVersion,
    id: string(root.id, 'id'),
    revision: string(root.revision, 'revision'),
    license: string(root.license, 'license'),
    dimension,
    layers: count(root.layers, 'layers'),
    maxTokens: count(root.maxTokens, 'maxTokens'),
    pooling: oneOf(root.pooling, 'pooling', ['cls', 'mean']),
    normalized: boolean(root.normalized, 'normalized'),
    metric: oneOf(root.metric, 'metric', ['euclidean', 'cosine']),
    templates: checkTemplates(root.templates),
    dtypes,
    adapters,
    defaultAdapter: oneOf(root.defaultAdapter, 'defaultAdapter', adapterNames),
    queryAdapter: oneOf(root.queryAdapter, 'queryAdapter', adapterNames),
    ...(root.likeness === undefined ? {} : { likeness: checkLikeness(root.likeness, adapterNames, dimension) }),
    files,
    selfTest: checkSelfTest(root.selfTest, adapterNames, dimension),
  }
}

/** An adapter's name becomes part of its files' names. @throws InvalidArgumentError. */
export function checkAdapterName(name: string, field: string): void {
  if (name === 'base' || !/^[a-z0-9][\w.-]*$/i.test(name))
    throw new InvalidArgumentError(field, name, 'named with letters, digits, ".", "-" and "_", and not "base"')
}

function checkFile(value: unknown, field: string, path: string): ManifestFile {
  if (!isSafePath(path)) throw new InvalidArgumentError(field, path, 'at a relative path inside the folder')
  const file = object(value, field)
  const bytes = file.bytes
  if (!Number.isInteger(bytes) || (bytes as number) < 0 || (bytes as number) > MAX_FILE_BYTES) {
    throw new InvalidArgumentError(`${field}.bytes`, bytes, `an integer from 0 to ${MAX_FILE_BYTES}`)
  }
  const chunks = array(file.chunks, `${field}.chunks`, Math.ceil((bytes as number) / CHUNK_BYTES))
  for (const [index, hash] of chunks.entries()) {
    if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) {
      throw new InvalidArgumentError(`${field}.chunks[${index}]`, hash, 'a SHA-256 of 64 lower-case hex digits')
    }
  }
  return { bytes: bytes as number, chunks: chunks as string[] }
}

/** Paths become part of URLs and of file names on disk: they must not leave the folder or change the meaning of the URL. */
function isSafePath(path: string): boolean {
  return path.split('/').every((name) => name !== '.' && name !== '..' && /^[^\\:?#%\p{Cc}]+$/u.test(name))
}

function checkTemplates(value: unknown): Manifest['templates'] {
  const { paper, query, trim } = object(value, 'templates')
  if (!/\{(title|abstract)\}/.test(string(paper, 'templates.paper'))) {
    throw new InvalidArgumentError('templates.paper', paper, 'a text with {title} or {abstract}')
  }
  if (!string(query, 'templates.query').includes('{query}')) {
    throw new InvalidArgumentError('templates.query', query, 'a text with {query}')
  }
  return { paper: paper as string, query: query as string, trim: boolean(trim, 'templates.trim') }
}

function checkLikeness(value: unknown, adapterNames: readonly string[], dimension: number): LikenessScale {
  const { adapters, mean, square, query, paper } = object(value, 'likeness')
  const used = object(adapters, 'likeness.adapters')
  const range = (value: unknown, field: string): LikenessRange => {
    const { floor, ceiling } = object(value, field)
    if (finite(floor, `${field}.floor`) <= 0) throw new InvalidArgumentError(`${field}.floor`, floor, 'a number above 0')
    if (finite(ceiling, `${field}.ceiling`) <= (floor as number))
      throw new InvalidArgumentError(`${field}.ceiling`, ceiling, 'a number above the floor')
    return { floor: floor as number, ceiling: ceiling as number }
  }
  return {
    adapters: {
      paper: oneOf(used.paper, 'likeness.adapters.paper', adapterNames),
      query: oneOf(used.query, 'likeness.adapters.query', adapterNames),
    },
    mean: array(mean, 'likeness.mean', dimension).map((value, index) => finite(value, `likeness.mean[${index}]`)),
    square: finite(square, 'likeness.square'),
    query: range(query, 'likeness.query'),
    paper: range(paper, 'likeness.paper'),
  }
}

function checkSelfTest(value: unknown, adapterNames: readonly string[], dimension: number): Manifest['selfTest'] {
  const selfTest = object(value, 'selfTest')
  const texts = array(selfTest.texts, 'selfTest.texts')
  for (const [index, text] of texts.entries()) {
    if (typeof text !== 'string') throw new InvalidArgumentError(`selfTest.texts[${index}]`, text, 'a string')
  }
  const vectors = entries<AdapterName, number[][]>(selfTest.vectors, 'selfTest.vectors', (rows, field, name) => {
    oneOf(name, field, adapterNames)
    for (const [row, vector] of array(rows, field, texts.length).entries()) {
      const index = array(vector, `${field}[${row}]`, dimension).findIndex((component) => !Number.isFinite(component))
      if (index >= 0)
        throw new InvalidArgumentError(`${field}[${row}][${index}]`, (vector as unknown[])[index], 'a finite number')
    }
    return rows as number[][]
  })
  for (const name of adapterNames) array(vectors[name], `selfTest.vectors.${name}`)
  return { texts: texts as string[], vectors }
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new InvalidArgumentError(field, value, 'an object')
}

/** Checks each value of an object. With `Object.fromEntries` a hostile `__proto__` stays an ordinary key. */
function entries<K extends string, T>(
  value: unknown,
  field: string,
  check: (value: unknown, field: string, key: string) => T,
): Record<K, T> {
  const checked = Object.entries(object(value, field)).map(([key, item]) => [key, check(item, `${field}["${key}"]`, key)])
  return Object.fromEntries(checked)
}

function array(value: unknown, field: string, length?: number): unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value
  throw new InvalidArgumentError(field, value, length === undefined ? 'an array' : `an array of ${length}`)
}

function string(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new InvalidArgumentError(field, value, 'a string that is not empty')
}

function finite(value: unknown, field: string): number {
  if (Number.isFinite(value)) return value as number
  throw new InvalidArgumentError(field, value, 'a finite number')
}

function boolean(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value
  throw new InvalidArgumentError(field, value, 'true or false')
}

function count(value: unknown, field: string): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number
  throw new InvalidArgumentError(field, value, 'a positive integer')
}

function oneOf<T extends string>(value: unknown, field: string, options: readonly T[]): T {
  if (options.includes(value as T)) return value as T
  throw new InvalidArgumentError(field, value, `one of ${options.join(', ')}`)
}
