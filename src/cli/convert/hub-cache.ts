import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { ByteSource } from '../../core/checkpoint/byte-source.js'
import { Specter2Error } from '../../core/errors.js'
import type { DownloadStore, PartialDownload, StoredFile } from '../../model/hub/download-store.js'
import { fileSource } from './local-folder.js'

/** The folder of downloads: `$SPECTER2_WEB_CACHE`, or `specter2-web` among the caches of this system's user. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.SPECTER2_WEB_CACHE) return env.SPECTER2_WEB_CACHE
  const caches: Partial<Record<NodeJS.Platform, string | undefined>> = {
    darwin: join(home, 'Library', 'Caches'),
    win32: env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'),
  }
  return join(caches[platform] ?? (env.XDG_CACHE_HOME || join(home, '.cache')), 'specter2-web')
}

/** A process that was killed leaves its part under its name; so old a part is nobody's, whoever has its number now. */
const ABANDONED_MS = 60 * 60 * 1000

/**
 * Files of a hub as `<folder>/hub/<owner>/<name>/<commit>/<path>`. One in work has `.incomplete` behind its name, and is
 * renamed when it is whole and checked. Processes do not disturb each other: each writes to a file of its own, and takes up an
 * interrupted one by renaming it, which only one of them can.
 */
export class HubCache implements DownloadStore {
  readonly #folder: string

  /** @param folder Default {@link cacheFolder}. It is made when it is needed. */
  constructor(folder: string = cacheFolder()) {
    this.#folder = folder
  }

  async find(file: StoredFile): Promise<ByteSource | null> {
    const path = this.#path(file)
    return (await size(path)) === file.byteLength ? fileSource(path) : null
  }

  async begin(file: StoredFile): Promise<PartialDownload> {
    const path = this.#path(file)
    return this.#storing(async () => {
      await mkdir(dirname(path), { recursive: true })
      const own = `${path}.incomplete-${process.pid}-${randomUUID().slice(0, 8)}`
      for (const part of await abandonedParts(path)) if (await renamed(part, own)) break
      const download = new PartialFile(path, own, await open(own, 'a'), (work) => this.#storing(work))
      download.held = (await size(own)) ?? 0
      if (download.held > file.byteLength) await download.discard()
      return download
    })
  }

  #path({ repo, commit, path }: StoredFile): string {
    return join(this.#folder, 'hub', repo, commit, path)
  }

  async #storing<T>(work: () => Promise<T>): Promise<T> {
    return work().catch((cause: unknown) => {
      const found = cause instanceof Error ? cause.message : String(cause)
      const message = `The cache ${this.#folder} cannot be written: ${found}. Make room, or name another folder by SPECTER2_WEB_CACHE.`
      throw new Specter2Error('STORAGE_FAILED', message, { details: { folder: this.#folder }, cause })
    })
  }
}

class PartialFile implements PartialDownload {
  held = 0
  readonly #path: string
  readonly #own: string
  readonly #file: FileHandle
  readonly #storing: <T>(work: () => Promise<T>) => Promise<T>
  #released = false

  constructor(path: string, own: string, file: FileHandle, storing: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#path = path
    this.#own = own
    this.#file = file
    this.#storing = storing
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#storing(async () => {
      // A full disk may take a part of it and says so by the number.
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
    return this.#storing(async () => {
      await this.#close()
      // On Windows a file that another process has just put there and reads cannot be replaced, and need not be.
      await rename(this.#own, this.#path).catch(async (error) => {
        if ((await size(this.#path)) !== this.held) throw error
        await rm(this.#own, { force: true })
      })
      return fileSource(this.#path)
    })
  }

  discard(): Promise<void> {
    return this.#storing(async () => {
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

/** Parts of a file on which nobody works, the longest first. */
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
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a file could be renamed; not where another process was first. */
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
