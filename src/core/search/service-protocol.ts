import type { Metric, ModelStamp } from '../types.js'

/** What a service of `specter2-web serve` says of its table. */
export interface ServiceInfo {
  /** Version of this protocol. */
  protocol: 1
  papers: number
  /** The model that made the vectors; `null` if the table does not say. */
  model: ModelStamp | null
  dimension: number
  metric: Metric
  /** Ids of some papers, with which an embedder is compared. */
  sample: string[]
}

/** A search, as it is sent. Nothing of it is the text that was embedded but its words, which the search by words needs. */
export interface ServiceSearch {
  mode: 'semantic' | 'lexical' | 'hybrid'
  /** As typed. */
  query: string
  /** [dimension] as base64 of float32, little-endian; `null` for a search by words. */
  vector: string | null
  k: number
  offset: number
  /** Ids of papers that may be found; `null`: all. */
  ids: readonly string[] | null
  /** Ids of papers to leave out. */
  except: readonly string[]
}

/** A hit as a service sends it; its likeness is computed where the model is. */
export interface ServiceHit {
  id: string
  score: number
  distance: number | null
  ranks: { semantic: number | null; lexical: number | null }
  terms: string[]
  paper: { id: string; title: string; abstract?: string; [field: string]: unknown }
}

/** An error as a service sends it, with the status that says whose fault it is. */
export interface ServiceError {
  code: string
  message: string
  field?: string
  retryable: boolean
  details: Record<string, string | number | boolean | null>
}

/** Most that a service does for one request; what is beyond is refused by name. */
export const SERVICE_LIMITS = {
  /** Hits of one page. */
  MAX_K: 100,
  /** Hits that pages may reach. */
  MAX_REACH: 1_000,
  /** Characters of a query. */
  MAX_QUERY: 1_000,
  /** Ids of one request. */
  MAX_IDS: 1_000,
  /** Bytes of a request. */
  MAX_BODY_BYTES: 512 * 1024,
} as const

/** A vector as text. */
export function encodeVector(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.slice().buffer)
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}

/** The opposite of {@link encodeVector}; `null` if the text is none. */
export function decodeVector(text: string): Float32Array<ArrayBuffer> | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    return bytes.length % 4 === 0 ? new Float32Array(bytes.buffer) : null
  } catch {
    return null
  }
}
