import { encodeIndexFile, PART_PAPERS } from '../src/core/index-file/index-file.js'
import type { AclVectors } from './acl-vectors.js'

/** The papers with their vectors as one file, as an index exports itself. */
export async function aclIndexFile({ papers, vectors, model }: AclVectors): Promise<Buffer> {
  async function* parts() {
    for (let first = 0; first < papers.length; first += PART_PAPERS)
      yield papers.slice(first, first + PART_PAPERS).map((paper, index) => {
        const start = (first + index) * model.dimension
        return { paper, vector: vectors.slice(start, start + model.dimension) }
      })
  }
  const pieces: Uint8Array[] = []
  const header = { id: 'acl', model, vectors: 'float32', papers: papers.length } as const
  for await (const piece of encodeIndexFile(header, parts())) pieces.push(piece)
  return Buffer.concat(pieces)
}
