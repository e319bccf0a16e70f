import type { ByteSource } from '../../core/checkpoint/byte-source.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { downloadFile } from './download-file.js'
import type { DownloadStore } from './download-store.js'
import type { CreateHash } from './file-hash.js'
import { HubClient, type HubClientOptions, type HubFile } from './hub-client.js'

/** What {@link openHubFolder} opens, and how. */
export interface HubFolderOptions extends HubClientOptions {
  /** `owner/name`. */
  repo: string
  /** Branch, tag or commit. Default `main`. */
  revision?: string | undefined
  /** Keeps what is downloaded. */
  store: DownloadStore
  onProgress?: ((progress: HubProgress) => void) | undefined
  /** Checks what is downloaded. Default: plain JavaScript. */
  createHash?: CreateHash | undefined
}

/** How far the download of a file is. */
export interface HubProgress {
  /** Repository and path, such as `allenai/specter2_base/config.json`. */
  file: string
  /** Bytes that are here, those of an interrupted download included. */
  loaded: number
  /** Bytes of the file. */
  total: number
}

/** A repository of a hub at one commit. Its `name` is `owner/name@commit`. */
export interface HubFolder extends PublishedFolder {
  /** Its present name, `owner/name`. */
  readonly repo: string
  /** 40 hex digits. */
  readonly commit: string
  /** As its card says it, such as `apache-2.0`; `null` where that says nothing. */
  readonly license: string | null
  /** Whether it has this file, which is not downloaded for that. */
  has(path: string): boolean
  /** Size of a file in bytes, `null` where there is none; it is not downloaded for that. */
  byteLength(path: string): number | null
}

/**
 * A published checkpoint or adapter on a hub. The revision becomes a commit here, once; a file is downloaded when it is opened
 * first, and checked by the hash that the hub lists for it.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND` for an unknown repository or revision; `DOWNLOAD_FAILED`, which names HF_TOKEN where a
 *   token is needed; and from `open` `DOWNLOAD_TRUNCATED` or `HASH_MISMATCH`, too.
 */
export async function openHubFolder({ repo, revision, store, onProgress, ...options }: HubFolderOptions): Promise<HubFolder> {
  const client = new HubClient(options)
  const repository = await client.repository(repo, revision)
  const remote = client.source(repository)
  const opened = new Map<string, Promise<ByteSource>>()

  const download = (path: string, { byteLength, hash }: HubFile) => {
    const file = `${repository.repo}/${path}`
    const onBytes = (loaded: number) => onProgress?.({ file, loaded, total: byteLength })
    const stored = { repo: repository.repo, commit: repository.commit, path, byteLength }
    return downloadFile(remote, stored, hash, store, { ...options, onBytes })
  }

  return {
    name: `${repository.repo}@${repository.commit}`,
    repo: repository.repo,
    commit: repository.commit,
    license: repository.license,
    has: (path) => repository.files.has(path),
    byteLength: (path) => repository.files.get(path)?.byteLength ?? null,
    async open(path) {
      const file = repository.files.get(path)
      if (!file) return null
      let source = opened.get(path)
      if (!source) {
        source = download(path, file)
        opened.set(path, source)
        // A failure is not kept: the next call tries again.
        source.catch(() => opened.delete(path))
      }
      return source
    },
  }
}
