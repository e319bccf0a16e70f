import type { ByteSource } from '../checkpoint/byte-source.js'
import { Specter2Error } from '../errors.js'

/** A published checkpoint: a folder in Node, dropped files in a page, a hub repository. */
export interface PublishedFolder {
  /** Name for messages. */
  readonly name: string
  /** The file at this path of the folder, `null` where there is none. */
  open(path: string): Promise<ByteSource | null>
}

const MAX_JSON_BYTES = 64 * 1024 * 1024

/** The first of these files that the folder has. */
export async function openFirst(folder: PublishedFolder, paths: readonly string[]): Promise<ByteSource> {
  for (const path of paths) {
    const file = await folder.open(path)
    if (file) return file
  }
  throw new Specter2Error('MODEL_NOT_FOUND', `${folder.name} has no ${paths.join(' or ')}. Give the folder of a published checkpoint.`, {
    details: { folder: folder.name, files: paths },
  })
}

export async function readText(folder: PublishedFolder, path: string): Promise<string | null> {
  const file = await folder.open(path)
  if (!file) return null
  if (file.byteLength > MAX_JSON_BYTES) {
    throw new Specter2Error('UNSUPPORTED', `${folder.name}/${path} has ${file.byteLength} bytes; at most ${MAX_JSON_BYTES} are read.`, {
      details: { file: path, actual: file.byteLength, expected: MAX_JSON_BYTES },
    })
  }
  return new TextDecoder().decode(await file.read(0, file.byteLength))
}

export type Json = Readonly<Record<string, unknown>>

/** A JSON object of the folder, `null` where the file is missing. */
export async function readJson(folder: PublishedFolder, path: string): Promise<Json | null> {
  const text = await readText(folder, path)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object') return value as Json
  } catch {
    // Reported below, as for a value of another kind.
  }
  throw new Specter2Error('DAMAGED_FILE', `${folder.name}/${path} is not a JSON object. Fetch it again.`, { details: { file: path } })
}
