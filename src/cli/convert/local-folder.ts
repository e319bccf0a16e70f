import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ByteSource } from '../../core/checkpoint/byte-source.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import type { FolderSink } from '../../core/converter/convert.js'
import { Specter2Error } from '../../core/errors.js'

/** Opens a folder on this disk. */
export async function localFolder(path: string): Promise<PublishedFolder> {
  const folder = resolve(path)
  if (!(await stat(folder).catch(() => null))?.isDirectory()) {
    throw new Specter2Error('MODEL_NOT_FOUND', `${path} is not a folder. Give the folder of a published checkpoint.`, {
      details: { folder: path },
    })
  }
  return {
    name: basename(folder),
    open: async (file) => ((await stat(join(folder, file)).catch(() => null))?.isFile() ? fileSource(join(folder, file)) : null),
  }
}

/** Opens a file on this disk. It must not change while the source is in use. */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path)
  return {
    name: basename(path),
    byteLength: size,
    async read(start, end) {
      // Opened for each read: a source is never closed, and reads are few and large.
      const file = await open(path)
      try {
        const bytes = new Uint8Array(end - start)
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
        return bytes.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    },
  }
}

/** A folder that appears completely or not at all: it is written beside its target and renamed when it is complete. */
export class StagedFolder implements FolderSink {
  readonly #target: string
  readonly #staging: string

  private constructor(target: string, staging: string) {
    this.#target = target
    this.#staging = staging
  }

  /** @throws Specter2Error `UNSUPPORTED` if `path` exists and is not a model folder: only those are replaced. */
  static async create(path: string): Promise<StagedFolder> {
    const target = resolve(path)
    if ((await exists(target)) && !(await isModelFolder(target))) {
      throw new Specter2Error('UNSUPPORTED', `${path} exists and is not a converted model. Choose another --out, or remove it.`, {
        details: { folder: path },
      })
    }
    await mkdir(dirname(target), { recursive: true })
    const staging = `${target}.incomplete-${crypto.randomUUID().slice(0, 8)}`
    // Not mkdtemp: its folders are private to this user, but a web server must read the model.
    await mkdir(staging)
    return new StagedFolder(target, staging)
  }

  async write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = join(this.#staging, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, chunks)
  }

  /** Moves the folder to its target; only then is an older one deleted. */
  async commit(): Promise<void> {
    const old = `${this.#staging}.old`
    if (await exists(this.#target)) await rename(this.#target, old)
    await rename(this.#staging, this.#target)
    await rm(old, { recursive: true, force: true })
  }

  async discard(): Promise<void> {
    await rm(this.#staging, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

/** Whether a folder is a converted model of any version: other things have a `manifest.json`, too. */
async function isModelFolder(folder: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    return Number.isInteger(manifest.formatVersion) && typeof manifest.selfTest === 'object'
  } catch {
    return false
  }
}
