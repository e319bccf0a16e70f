import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ByteSource } from '../../core/checkpoint/byte-source.js'
import { Specter2Error } from '../../core/errors.js'
import type { DownloadStore, PartialDownload, StoredFile } from '../../model/hub/download-store.js'
import { cacheFolder } from '../../node/cache-folder.js'
import { fileSource } from './local-folder.js'

/** A killed process leaves its part behind. A part this old is abandoned, even if another process has the same id now. */
const ABANDONED_MS = 60 * 60 * 1000

/**
 * Files of a hub as `<folder>/hub/<owner>/<name>/<commit>/<path>`. An unfinished download has the suffix `.incomplete`, and is
 * renamed when it is complete and verified. Several processes may download at once: each writes to its own file, and resumes an
 * interrupted download by renaming it, at which only one of them can succeed.
 */
export class HubCache implements DownloadStore {
  readonly #folder: string

  /** @param folder Created when it is needed. */
  constructor(folder: string = cacheFolder()) {
    this.#folder = folder
  }

  async find(file: StoredFile): Promise<ByteSource | null> {
    const path = this.#path(file)
    return (await size(path)) === file.byteLength ? fileSource(path) : null
  }

  async begin(file: StoredFile): Promise<PartialDownload> {
    const path = this.#path(file)
    return this.#reportFailure(async () => {
      await mkdir(dirname(path), { recursive: true })
      const own = `${path}.incomplete-${process.pid}-${randomUUID().slice(0, 8)}`
      for (const part of await abandonedParts(path)) if (await renamed(part, own)) break
      const download = new PartialFile(path, own, await open(own, 'a'), (work) => this.#reportFailure(work))
      download.held = (await size(own)) ?? 0
      if (download.held > file.byteLength) await download.discard()
      return download
    })
  }

  #path({ repo, commit, path }: StoredFile): string {
    return join(this.#folder, 'hub', repo, commit, path)
  }

  async #reportFailure<T>(work: () => Promise<T>): Promise<T> {
    return work().catch((cause: unknown) => {
      const found = cause instanceof Error ? cause.message : String(cause)
      const message = `The cache ${this.#folder} cannot be written: ${found}. Free some space, or set SPECTER2_WEB_CACHE to another folder.`
      throw new Specter2Error('STORAGE_FAILED', message, { details: { folder: this.#folder }, cause })
    })
  }
}

/** A download at work. */
class PartialFile implements PartialDownload {
  held = 0
  readonly #path: string
  readonly #own: string
  readonly #file: FileHandle
  readonly #reportFailure: <T>(work: () => Promise<T>) => Promise<T>
  #released = false

  constructor(path: string, own: string, file: FileHandle, reportFailure: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#path = path
    this.#own = own
    this.#file = file
    this.#reportFailure = reportFailure
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#reportFailure(async () => {
      // A full disk may write only part of the bytes, and reports how many.
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written)
        written += bytesWritten
        this.held += bytesWritten
      }
    })
  }

  source(): Promise<ByteSource> {
    return fileSource(this.#own)
  }

  commit(): Promise<ByteSource> {
    return this.#reportFailure(async () => {
      await this.#close()
      // On Windows a file that another process has just written and is reading cannot be replaced, and need not be.
      await rename(this.#own, this.#path).catch(async (error) => {
        if ((await size(this.#path)) !== this.held) throw error
        await rm(this.#own, { force: true })
      })
      return fileSource(this.#path)
    })
  }

  discard(): Promise<void> {
    return this.#reportFailure(async () => {
      await this.#file.truncate(0)
      this.held = 0
    })
  }

  async release(): Promise<void> {
    if (this.#released) return
    await this.#close()
    if (this.held === 0) await rm(this.#own, { force: true })
    else await renamed(this.#own, `${this.#path}.incomplete`)
  }

  async #close(): Promise<void> {
    this.#released = true
    await this.#file.close()
  }
}

/** Parts of a file that no process is writing, the longest first. */
async function abandonedParts(path: string): Promise<string[]> {
  const folder = dirname(path)
  const prefix = `${basename(path)}.incomplete`
  const parts: { part: string; bytes: number }[] = []
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const part = join(folder, name)
    const found = await stat(part).catch(() => null)
    const pid = Number(/^-(\d+)-/.exec(name.slice(prefix.length))?.[1] ?? 0)
    const free = name === prefix || (pid > 0 && (!isRunning(pid) || Date.now() - (found?.mtimeMs ?? 0) > ABANDONED_MS))
    if (found && free) parts.push({ part, bytes: found.size })
  }
  return parts.sort((a, b) => b.bytes - a.bytes).map(({ part }) => part)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a file could be renamed: `false` if another process was faster. */
function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  )
}

async function size(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null)
  return found?.isFile() ? found.size : null
}
