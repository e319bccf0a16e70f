import type { AdapterName } from '../../../core/types.js'
import type { WeightsRequest } from '../embed-protocol.js'

/** Increased whenever the converter writes different bytes for the same input, so that browsers convert stored models again. */
const CONVERTER_VERSION = 2

/** The revision of given files. */
export const FILES = 'files'

/** What a model was converted from. */
export interface ConversionSource {
  /** Name of a published model, or of the given base checkpoint's folder. */
  name: string
  /** The requested revision; {@link FILES} for given files. */
  revision: string
  /** Digest of all input. */
  digest: string
  adapters: readonly AdapterName[]
}

/** The URL under which a converted model is cached. It describes the model, from the general to the specific. */
export function convertedKey(source: ConversionSource, weights: WeightsRequest): string {
  const { digest, adapters } = source
  return `${convertedPrefix(source, weights)}${['base', ...adapters].map(encodeURIComponent).join('+')}/${digest.slice(0, 16)}/${CONVERTER_VERSION}`
}

/** The common prefix of the keys of all conversions with this name, revision and kind of weights. */
export function convertedPrefix(
  { name, revision }: Pick<ConversionSource, 'name' | 'revision'>,
  { dtype, errorFeedback }: WeightsRequest,
): string {
  return `converted:${encodeURIComponent(name)}@${encodeURIComponent(revision)}/${dtype}${errorFeedback ? '-ef' : ''}/`
}

/** Whether this version of the converter made the model at `key`. */
export function isCurrent(key: string): boolean {
  return key.endsWith(`/${CONVERTER_VERSION}`)
}

/**
 * Whether the conversion at `key` replaces `other`: an earlier state of the same revision, or an earlier converter's result. Given
 * files only replace themselves, since other files may have the same name.
 */
export function supersedes(key: string, other: string): boolean {
  const [, input, ofRevision] = /^((converted:[^/]*\/[^/]*\/).*\/)[^/]*$/.exec(key) ?? []
  const same = /^converted:[^/]*@files\//.test(key) ? input : ofRevision
  return key !== other && same !== undefined && other.startsWith(same)
}
