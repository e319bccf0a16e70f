import { type ErrorDetails, Specter2Error } from '../errors.js'

/** The error for a file whose bytes break its format; `found` is a clause that follows the file's name. */
export function damagedFile(file: string, found: string, details: ErrorDetails = {}): Specter2Error {
  return new Specter2Error('DAMAGED_FILE', `${file} ${found}. Fetch the file again.`, { details: { file, ...details } })
}

/** The error for an intact file of an unsupported kind; `found` follows the file's name, `next` says what would work. */
export function unsupportedFile(file: string, found: string, next: string, details: ErrorDetails = {}): Specter2Error {
  return new Specter2Error('UNSUPPORTED', `${file} ${found}. ${next}`, { details: { file, ...details } })
}

/** Whether a tensor holds what a layer computes with, by its name in torch. */
export const isWeight = (name: string): boolean => /\.(weight|bias)$/.test(name)

/** The error for weights that another library quantized: how, the file does not say. */
export function integerWeights(file: string, tensor: string, dtype: string): Specter2Error {
  const next = 'Use the model as it was published before it was quantized (float32, float16 or bfloat16).'
  return unsupportedFile(file, `holds the weights ${tensor} as integers (${dtype})`, next, { tensor, dtype })
}
