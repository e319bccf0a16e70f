import { Specter2Error, show } from '../errors.js'
import { isModelStamp } from '../is-model-stamp.js'
import type { ModelStamp } from '../model-folder/model-stamp.js'
import { checkPaper } from '../papers/check-paper.js'
import type { PaperRecord } from '../papers/paper-record.js'
import { sha256Hex } from '../sha256.js'
import { ByteReader } from './byte-reader.js'
import { decodeInt8, encodeInt8 } from './int8-vectors.js'

/**
 * Format of an index file: eight letters, then blocks, each with a type of four letters, the length of the content (uint32,
 * little-endian), its SHA-256, and the content. `HEAD` (JSON) comes first; then for each part `PAPR` (papers as JSON Lines) and
 * `VECT` (for each paper a byte that says whether it has a vector, padded to a multiple of four; then the vectors as float32, or
 * their scales as float32 and their int8 codes); then, in version 2, a `DATA` for each value of the app's data (JSON: key and value);
 * then `DONE` (JSON: the counts). So a file is written and read as a stream, and
 * damage or a missing end is found before damaged content is used.
 */
const MAGIC = 'SP2INDEX'
/** Version 1 has no `DATA`; a file without data is written as such, for earlier readers. */
const FORMAT_VERSION = 2
const BLOCK_HEAD_BYTES = 4 + 4 + 32
/** Parts hold about a thousand papers; a larger block is damage. */
const MAX_BLOCK_BYTES = 256 * 2 ** 20

/** A paper of an index with its vector [dimension]; `null` while it has none. */
export interface IndexedPaper {
  paper: PaperRecord
  vector: Float32Array | null
}

/** How a file stores vectors: exactly, or in a quarter of the bytes. */
export type VectorEncoding = 'float32' | 'int8'

export interface IndexFileHeader {
  formatVersion: number
  /** Identifies the content: files with different content have different ids. */
  id: string
  /** The model of the vectors; `null` if the file has none. */
  model: ModelStamp | null
  vectors: VectorEncoding
  papers: number
}

/** Papers in one part of a file. */
export const PART_PAPERS = 1024

/**
 * The bytes of an index file, block by block.
 *
 * @param parts Papers in parts of about {@link PART_PAPERS}, with vectors of `header.model`.
 * @param data The app's data by key.
 */
export async function* encodeIndexFile(
  header: Omit<IndexFileHeader, 'formatVersion'>,
  parts: AsyncIterable<readonly IndexedPaper[]>,
  data: ReadonlyMap<string, unknown> = new Map(),
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const formatVersion = data.size > 0 ? FORMAT_VERSION : 1
  yield encodeText(MAGIC)
  yield* block('HEAD', encodeText(JSON.stringify({ formatVersion, ...header })))
  const counts = { papers: 0, vectors: 0 }
  for await (const part of parts) {
    yield* block('PAPR', encodeText(part.map(({ paper }) => JSON.stringify(paper)).join('\n')))
    if (header.model) yield* block('VECT', encodeVectors(part, header.model.dimension, header.vectors))
    counts.papers += part.length
    if (header.model) counts.vectors += part.filter(({ vector }) => vector !== null).length
  }
  for (const entry of data) yield* block('DATA', encodeText(JSON.stringify(entry)))
  yield* block('DONE', encodeText(JSON.stringify(counts)))
}

/** An index file that is being read. */
export interface OpenedIndexFile {
  header: IndexFileHeader
  /** The verified parts, read on demand. */
  parts: AsyncGenerator<IndexedPaper[], void, void>
  /** The app's data by key; complete when all parts have been read. */
  data: Map<string, unknown>
}

/**
 * @param stream The bytes of the file; read part by part, on demand.
 * @param name The file as messages name it.
 * @throws Specter2Error `INVALID_INDEX` for a file of another kind, `UNSUPPORTED` for one of a later version, `DAMAGED_FILE`
 *   for a damaged one; the parts throw that as well.
 */
export async function openIndexFile(stream: ReadableStream<Uint8Array>, name: string): Promise<OpenedIndexFile> {
  const reader = new ByteReader(stream)
  const magic = await reader.read(MAGIC.length)
  if (!magic || decodeText(magic) !== MAGIC) {
    const message = `${name} is not an index file. Give one that export() or \`specter2-web embed\` wrote.`
    throw new Specter2Error('INVALID_INDEX', message, { details: { file: name } })
  }
  const first = await readBlock(reader, name)
  if (first.type !== 'HEAD') throw damaged(name, `it begins with ${first.type}`)
  const header = checkHeader(parseJson(first.content, name), name)
  const data = new Map<string, unknown>()
  return { header, parts: readParts(reader, header, data, name), data }
}

/** @throws Specter2Error `UNSUPPORTED` for a later version; `DAMAGED_FILE` if anything that the reader relies on is missing. */
function checkHeader(value: unknown, name: string): IndexFileHeader {
  const { formatVersion, id, model = null, vectors, papers } = isObject(value) ? value : {}
  if (Number.isInteger(formatVersion) && formatVersion !== 1 && formatVersion !== FORMAT_VERSION) {
    const message = `${name} is an index of format ${formatVersion}; this version of the package reads 1 and ${FORMAT_VERSION}. Update the package.`
    const details = { file: name, expected: FORMAT_VERSION, actual: formatVersion as number }
    throw new Specter2Error('UNSUPPORTED', message, { details })
  }
  const wrong = Object.entries({
    formatVersion: Number.isInteger(formatVersion),
    id: typeof id === 'string',
    model: model === null || isModelStamp(model),
    vectors: vectors === 'float32' || vectors === 'int8',
    papers: Number.isSafeInteger(papers) && (papers as number) >= 0,
  }).find(([, isRight]) => !isRight)
  if (wrong) throw damaged(name, `its header has a wrong ${wrong[0]}`)
  return { formatVersion, id, model, vectors, papers } as IndexFileHeader
}

async function* readParts(
  reader: ByteReader,
  { model, vectors: encoding }: IndexFileHeader,
  data: Map<string, unknown>,
  name: string,
): AsyncGenerator<IndexedPaper[], void, void> {
  const counts = { papers: 0, vectors: 0 }
  for (;;) {
    const { type, content } = await readBlock(reader, name)
    if (type === 'DONE') {
      const json = parseJson(content, name)
      const expected = isObject(json) ? json : {}
      if (expected.papers === counts.papers && expected.vectors === counts.vectors) return
      throw damaged(name, `it has ${counts.papers} papers instead of ${show(expected.papers)}`)
    }
    if (type === 'DATA') {
      const entry = parseJson(content, name)
      if (!Array.isArray(entry) || typeof entry[0] !== 'string') throw damaged(name, 'it has data without a key')
      data.set(entry[0], entry[1])
      continue
    }
    if (type !== 'PAPR') throw damaged(name, `it has ${type} instead of papers`)
    const lines = content.length === 0 ? [] : decodeText(content).split('\n')
    const papers = lines.map((line, index) => checkedPaper(parseJson(encodeText(line), name), counts.papers + index + 1, name))
    if (new Set(papers.map(({ id }) => id)).size < papers.length) throw damaged(name, 'two papers in one part have the same id')
    let vectors: (Float32Array | null)[] = papers.map(() => null)
    if (model) {
      const next = await readBlock(reader, name)
      if (next.type !== 'VECT') throw damaged(name, `it has ${next.type} instead of vectors`)
      vectors = decodeVectors(next.content, papers.length, model.dimension, encoding, name)
    }
    counts.papers += papers.length
    counts.vectors += vectors.filter((vector) => vector !== null).length
    yield papers.map((paper, index) => ({ paper, vector: vectors[index]! }))
  }
}

async function* block(type: string, content: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const head = new Uint8Array(BLOCK_HEAD_BYTES)
  head.set(encodeText(type))
  new DataView(head.buffer).setUint32(4, content.length, true)
  const hash = await sha256Hex(content)
  for (let index = 0; index < 32; index++) head[8 + index] = Number.parseInt(hash.slice(2 * index, 2 * index + 2), 16)
  yield head
  yield content
}

async function readBlock(reader: ByteReader, name: string): Promise<{ type: string; content: Uint8Array<ArrayBuffer> }> {
  const head = await reader.read(BLOCK_HEAD_BYTES)
  if (!head) throw damaged(name, `it ends after ${reader.position} bytes, before its end was written`)
  const type = decodeText(head.subarray(0, 4))
  const length = new DataView(head.buffer, head.byteOffset).getUint32(4, true)
  if (length > MAX_BLOCK_BYTES) throw damaged(name, `it has a block of ${length} bytes before byte ${reader.position}`)
  const content = await reader.read(length)
  if (!content) throw damaged(name, `it ends after ${reader.position} bytes, before its end was written`)
  const expected = Array.from(head.subarray(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  if ((await sha256Hex(content)) !== expected) throw damaged(name, `the block before byte ${reader.position} has the wrong hash`)
  return { type, content }
}

function encodeVectors(part: readonly IndexedPaper[], dimension: number, encoding: VectorEncoding): Uint8Array<ArrayBuffer> {
  const present = part.flatMap(({ vector }) => (vector ? [vector] : []))
  const vectors = new Float32Array(present.length * dimension)
  for (const [index, vector] of present.entries()) vectors.set(vector, index * dimension)
  const flags = new Uint8Array(flagBytes(part.length))
  for (const [index, { vector }] of part.entries()) flags[index] = vector ? 1 : 0
  if (encoding === 'float32') return joined([flags, vectors])
  const { scales, codes } = encodeInt8(vectors, dimension)
  return joined([flags, scales, codes])
}

function decodeVectors(
  content: Uint8Array<ArrayBuffer>,
  papers: number,
  dimension: number,
  encoding: VectorEncoding,
  name: string,
): (Float32Array | null)[] {
  const flags = content.subarray(0, papers)
  if (flags.some((flag) => flag > 1)) throw damaged(name, 'it does not say which papers have vectors')
  const count = flags.reduce((sum, flag) => sum + flag, 0)
  const at = content.byteOffset + flagBytes(papers)
  const expected = flagBytes(papers) + count * (encoding === 'float32' ? 4 * dimension : 4 + dimension)
  if (content.length !== expected) throw damaged(name, `it has vectors of ${content.length} bytes instead of ${expected}`)
  const vectors =
    encoding === 'float32'
      ? new Float32Array(content.buffer, at, count * dimension)
      : decodeInt8(
          {
            scales: new Float32Array(content.buffer, at, count),
            codes: new Int8Array(content.buffer, at + 4 * count, count * dimension),
          },
          dimension,
        )
  // One such number would spoil every search.
  if (!vectors.every(Number.isFinite)) throw damaged(name, 'it has a vector with a component that is no finite number')
  let row = 0
  return Array.from(flags, (flag) => (flag ? vectors.subarray(row * dimension, ++row * dimension) : null))
}

/** Vectors must be aligned to 4 bytes. */
const flagBytes = (papers: number) => (papers + 3) & ~3

function joined(arrays: readonly (Uint8Array | Float32Array | Int8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return bytes
}

const encodeText = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function parseJson(content: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(decodeText(content))
  } catch (cause) {
    throw damaged(name, `it has text that is not JSON (${(cause as Error).message})`, cause)
  }
}

function checkedPaper(value: unknown, number: number, name: string): PaperRecord {
  try {
    return checkPaper(`paper ${number}`, value)
  } catch (cause) {
    throw damaged(name, (cause as Error).message.replace(/\.$/, ''), cause)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function damaged(name: string, found: string, cause?: unknown): Specter2Error {
  const message = `${name} is damaged: ${found}. Download it again, or export it again.`
  return new Specter2Error('DAMAGED_FILE', message, { details: { file: name }, cause })
}
