import { createWriteStream } from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { InvalidArgumentError } from '../core/errors.js'

/**
 * The content of a text file.
 *
 * @param field The argument that names the file.
 * @throws InvalidArgumentError if the file cannot be read.
 */
export async function readText(field: string, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new InvalidArgumentError(field, path, 'a file that can be read')
  return text
}

/** @throws InvalidArgumentError unless `path` is a file. */
export async function requireFile(field: string, path: string): Promise<void> {
  if (!(await stat(path).catch(() => null))?.isFile()) throw new InvalidArgumentError(field, path, 'a file that exists')
}

/**
 * To be called before long work whose result goes to `file`.
 *
 * @throws InvalidArgumentError unless the folder of `file` exists. `undefined` passes.
 */
export async function requireParentFolder(field: string, file: string | undefined): Promise<void> {
  if (file === undefined || (await stat(dirname(resolve(file))).catch(() => null))?.isDirectory()) return
  throw new InvalidArgumentError(field, file, 'a file in a folder that exists')
}

/** Writes to `<file>.incomplete` and renames that when it is complete; on failure nothing remains. */
export async function writeWholeFile(
  file: string,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const incomplete = `${file}.incomplete`
  try {
    await pipeline(Readable.from(pieces), createWriteStream(incomplete))
    await rename(incomplete, file)
  } catch (error) {
    await rm(incomplete, { force: true })
    throw error
  }
}
