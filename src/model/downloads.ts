import type { KeyValueStore } from '../storage/key-value-store.js'
import type { CachedModel } from './model-cache.js'

/** A file of a hub's repository at one commit. */
export interface DownloadedFile {
  /** `owner/name`. */
  readonly repo: string
  readonly commit: string
  readonly path: string
  readonly byteLength: number
}

/** The stored state of a download, whose parts, from the beginning of the file, have equal sizes except for the last. */
export interface DownloadRecord extends DownloadedFile {
  /** Number of bytes stored. */
  held: number
  /** Whether the file is complete and verified. */
  whole: boolean
  /** When the download began, in milliseconds since 1970. */
  savedAt: number
}

/** Prefix of the addresses under which downloads are listed. */
const DOWNLOAD = 'download:'

/** The key of a download's record. */
export function downloadKey({ repo, commit, path }: DownloadedFile): string {
  return `${DOWNLOAD}${repo}@${commit}/${path}`
}

/** The key of part `index` of a download. */
export function downloadPartKey(file: DownloadedFile, index: number): string {
  return `part:${index}:${downloadKey(file)}`
}

/** Downloaded files that wait for a conversion, as one `CachedModel` `download:…` for each commit of a repository. */
export async function listDownloads(store: KeyValueStore): Promise<CachedModel[]> {
  const keys = (await store.keys()).filter((key) => key.startsWith(DOWNLOAD))
  const records = (await Promise.all(keys.map((key) => store.get(key)))) as (DownloadRecord | undefined)[]
  const listed = new Map<string, CachedModel>()
  for (const record of records) {
    if (!record) continue
    const { repo, commit, path, held, whole, savedAt } = record
    const url = `${DOWNLOAD}${repo}@${commit}`
    const model = listed.get(url) ?? { url, id: repo, revision: commit, bytes: 0, complete: [], savedAt }
    model.bytes += held
    model.savedAt = Math.min(model.savedAt, savedAt)
    if (whole) model.complete.push(path)
    listed.set(url, model)
  }
  return [...listed.values()]
}

/**
 * Deletes all downloads whose address begins with `prefix`: a URL of {@link listDownloads}, or `download:<repo>@` for all
 * commits.
 */
export async function deleteDownloads(store: KeyValueStore, prefix: string): Promise<void> {
  if (!prefix.startsWith(DOWNLOAD)) return
  const ofPart = /^part:\d+:/
  await store.delete((await store.keys()).filter((key) => key.replace(ofPart, '').startsWith(prefix)))
}

/** Deletes all downloads of a repository. */
export function deleteDownloadsOf(store: KeyValueStore, repo: string): Promise<void> {
  return deleteDownloads(store, `${DOWNLOAD}${repo}@`)
}
