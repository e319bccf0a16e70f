import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { ModelStamp } from '../types.js'
import type { IndexedPaper } from './index-file.js'

/** Key of the file's metadata that has the stamp of the vectors' model. */
const STAMP_KEY = 'specter2-web'

const text = (name: string, repetition_type: 'REQUIRED' | 'OPTIONAL'): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type,
})

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 5 },
  text('id', 'REQUIRED'),
  text('title', 'REQUIRED'),
  text('abstract', 'OPTIONAL'),
  { name: 'fields', type: 'BYTE_ARRAY', converted_type: 'JSON', repetition_type: 'REQUIRED' },
  { name: 'vector', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
]

/**
 * The bytes of a Parquet file with a row group for each part and the columns `id`, `title`, `abstract`, `fields` (all other
 * fields of the paper as JSON) and `vector` (a list of floats, null for a paper without one).
 *
 * @param model Made the vectors; its stamp is in the file's metadata, so that a reader knows what it may compare.
 */
export async function* encodeParquet(
  parts: AsyncIterable<readonly IndexedPaper[]>,
  model: ModelStamp | null,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const writer = new ByteWriter()
  /** What has been written since the last call. */
  const written = () => {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }
  const kvMetadata = model ? [{ key: STAMP_KEY, value: JSON.stringify({ model }) }] : []
  const parquet = new ParquetWriter({ writer, schema: SCHEMA, createdBy: 'specter2-web', kvMetadata })
  for await (const part of parts) {
    if (part.length === 0) continue
    const papers = part.map(({ paper }) => paper)
    await parquet.write({
      columnData: [
        { name: 'id', data: papers.map(({ id }) => id) },
        { name: 'title', data: papers.map(({ title }) => title) },
        { name: 'abstract', data: papers.map(({ abstract }) => abstract ?? null) },
        { name: 'fields', data: papers.map(({ id: _, title: __, abstract: ___, ...fields }) => fields) },
        {
          name: 'vector',
          data: part.map(({ vector }) => vector && Array.from(vector)),
          // Vectors do not compress, and a dictionary of their values saves nothing.
          encoding: 'PLAIN',
          codec: 'UNCOMPRESSED',
        },
      ],
      rowGroupSize: part.length,
    })
    yield written()
  }
  void parquet.finish()
  yield written()
}
