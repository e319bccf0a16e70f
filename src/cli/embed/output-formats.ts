import { extname } from 'node:path'
import { encodeIndexFile, type IndexedPaper, type VectorEncoding } from '../../core/index-file/index-file.js'
import { npyHeader } from '../../core/index-file/npy.js'
import { encodeParquet } from '../../core/index-file/parquet.js'
import type { ModelStamp } from '../../core/model-folder/model-stamp.js'
import type { TextLine } from '../json-lines.js'
import { lineWithVector } from './vector-json.js'

/** A paper of a file, with its vector and the line that it was read from. */
export interface EmbeddedPaper extends IndexedPaper {
  vector: Float32Array<ArrayBuffer>
  line: TextLine
}

/** What an output is made of. */
export interface EmbeddedFile {
  /** Identifies the content. */
  id: string
  model: ModelStamp
  vectors: VectorEncoding
  papers: number
  /** All papers, in parts; can be read several times. */
  parts: () => AsyncIterable<EmbeddedPaper[]>
}

type Pieces = AsyncIterable<string | Uint8Array>

/** The files that an output consists of, by path. */
type Encode = (path: string, file: EmbeddedFile) => (readonly [path: string, pieces: Pieces])[]

export const OUTPUT_FORMATS = ['index', 'parquet', 'npy', 'jsonl'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

export const ENCODERS: Readonly<Record<OutputFormat, Encode>> = {
  index: (path, { parts, ...header }) => [[path, encodeIndexFile(header, parts())]],
  parquet: (path, { parts, model }) => [[path, encodeParquet(parts(), model)]],
  npy: (path, file) => [
    [papersBeside(path), jsonLines(file, ({ line }) => line.text)],
    [path, npy(file)],
  ],
  jsonl: (path, file) => [[path, jsonLines(file, ({ line, paper, vector }) => lineWithVector(line.text, paper, vector))]],
}

/** The file with the papers of a `.npy` file. */
export const papersBeside = (path: string): string => path.replace(/(\.npy)?$/, '.jsonl')

/** The format that a file's name asks for. */
export function formatOf(path: string): OutputFormat {
  const extension = extname(path).slice(1).toLowerCase()
  const known = (OUTPUT_FORMATS as readonly string[]).includes(extension)
  return known ? (extension as OutputFormat) : extension === 'ndjson' ? 'jsonl' : 'index'
}

async function* npy({ papers, model, parts }: EmbeddedFile): Pieces {
  yield npyHeader(papers, model.dimension)
  for await (const part of parts()) {
    const vectors = new Float32Array(part.length * model.dimension)
    for (const [index, { vector }] of part.entries()) vectors.set(vector, index * model.dimension)
    yield new Uint8Array(vectors.buffer)
  }
}

async function* jsonLines({ parts }: EmbeddedFile, text: (paper: EmbeddedPaper) => string): Pieces {
  for await (const part of parts()) yield part.map((paper) => `${text(paper)}\n`).join('')
}
