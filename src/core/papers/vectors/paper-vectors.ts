import type { ModelStamp } from '../../types.js'

/** Vectors that a file gives for papers, all by one model and of one dimension. `PaperIndex.add()` takes them. */
export interface PaperVectors {
  /** Name of the file, as in `source.file`. */
  file: string
  /** The model as the file names it, such as `specter_v2`; `''` if the file does not say. */
  model: string
  /** The model's stamp, if this package wrote the file; `null` otherwise. */
  stamp: ModelStamp | null
  /** Numbers in a vector. */
  dimension: number
  /** Ids of the papers. If a paper is in none of the files, what its file calls it, such as a corpus id. */
  ids: string[]
  /** [ids.length, dimension], row-major. Owned by the caller. */
  vectors: Float32Array<ArrayBuffer>
}

/** A vector as it stands in a record. */
export interface RecordVector {
  /** The model as the record names it; `''` if it does not. */
  model: string
  vector: Float32Array<ArrayBuffer>
}

/** What is wrong with a vector by itself; `undefined` if nothing is. */
export function vectorFault(vector: ArrayLike<number>): string | undefined {
  let isZero = true
  for (let index = 0; index < vector.length; index++) {
    const value = vector[index]!
    if (!Number.isFinite(value)) return `its number ${index + 1} is ${value}, not a finite one`
    if (value !== 0) isZero = false
  }
  return isZero ? 'all of its numbers are zero' : undefined
}

/** Parts of the same file and model in one. */
export function joinVectors(parts: readonly PaperVectors[]): PaperVectors[] {
  const groups = new Map<string, PaperVectors[]>()
  for (const part of parts) {
    const key = JSON.stringify([part.file, part.model, part.dimension])
    const group = groups.get(key)
    if (group) group.push(part)
    else groups.set(key, [part])
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [PaperVectors]
    if (group.length === 1) return first
    const vectors = new Float32Array(group.reduce((sum, part) => sum + part.vectors.length, 0))
    let at = 0
    for (const part of group) {
      vectors.set(part.vectors, at)
      at += part.vectors.length
    }
    return { ...first, ids: group.flatMap(({ ids }) => ids), vectors }
  })
}
