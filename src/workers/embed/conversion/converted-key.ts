import type { AdapterName } from '../../../core/types.js'
import type { WeightsRequest } from '../embed-protocol.js'

/**
 * Grows by one when the converter writes other bytes for the same input, so that models in browsers are made anew.
 */
const CONVERTER_VERSION = 1

/** What a model was converted from. */
export interface ConversionSource {
  /** Name of a published model, or of the given base's folder. */
  name: string
  /** The revision that was asked for; `files` of given ones. */
  revision: string
  /** Digest of everything that was read. */
  digest: string
  adapters: readonly AdapterName[]
}

/** Where a converted model is cached: a URL that says what it is, from the general to the particular. */
export function convertedKey(source: ConversionSource, weights: WeightsRequest): string {
  const { digest, adapters } = source
  return `${convertedPrefix(source, weights)}${['base', ...adapters].map(encodeURIComponent).join('+')}/${digest.slice(0, 16)}/${CONVERTER_VERSION}`
}

/** What the keys of all conversions of this name, revision and kind of weights begin with. */
export function convertedPrefix(
  { name, revision }: Pick<ConversionSource, 'name' | 'revision'>,
  { dtype, errorFeedback }: WeightsRequest,
): string {
  return `converted:${encodeURIComponent(name)}@${encodeURIComponent(revision)}/${dtype}${errorFeedback ? '-ef' : ''}/`
}

/** Whether this version's converter has made what is at `key`. */
export function isCurrent(key: string): boolean {
  return key.endsWith(`/${CONVERTER_VERSION}`)
}

/**
 * Whether the conversion at `key` takes the place of `other`: of the same revision's name, as it was before, or by an earlier
 * version; of files, only of the same ones, since others may have that name.
 */
export function supersedes(key: string, other: string): boolean {
  const [, input, ofRevision] = /^((converted:[^/]*\/[^/]*\/).*\/)[^/]*$/.exec(key) ?? []
  const same = /^converted:[^/]*@files\//.test(key) ? input : ofRevision
  return key !== other && same !== undefined && other.startsWith(same)
}
