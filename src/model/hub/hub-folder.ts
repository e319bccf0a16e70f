import type { ByteSource } from '../../core/checkpoint/byte-source.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { downloadFile } from './download-file.js'
import type { DownloadStore } from './download-store.js'
import type { CreateHash } from './file-hash.js'
import { HubClient, type HubClientOptions, type HubFile } from './hub-client.js'

/** Options of {@link openHubFolder}. */
export interface HubFolderOptions extends HubClientOptions {
  /** `owner/name`. */
  repo: string
  /** Branch, tag or commit. Default `main`. */
  revision?: string | undefined
  /** Stores downloaded files. */
  store: DownloadStore
  onProgress?: ((progress: HubProgress) => void) | undefined
  /** Creates the hashes that verify downloads. Default: plain JavaScript. */
  createHash?: CreateHash | undefined
}

/** Progress of the download of a file. */
export interface HubProgress {
  /** Repository and path, such as `allenai/specter2_base/config.json`. */
  file: string
  /** Bytes downloaded so far, including those of an interrupted download. */
  loaded: number
  /** Size of the file in bytes. */
  total: number
}

/** A repository of a hub at one commit. Its `name` is `owner/name@commit`. */
export interface HubFolder extends PublishedFolder {
  /** Its current name, `owner/name`. */
  readonly repo: string
  /** 40 hex digits. */
  readonly commit: string
  /** The licence in its card, such as `apache-2.0`; `null` if there is none. */
  readonly license: string | null
  /** Whether it has this file; downloads nothing. */
  has(path: string): boolean
  /** Size of a file in bytes, `null` if it does not exist; downloads nothing. */
  byteLength(path: string): number | null
}

/**
 * Opens a published checkpoint or adapter on a hub. The revision is resolved to a commit once; a file is downloaded when it is
 * first opened, and verified by the hash that the hub lists for it.
 *
 * @throws Specter2Error `MODEL_NOT_FOUND` for an unknown repository or revision; `DOWNLOAD_FAILED`, which names HF_TOKEN if a
 *   token is needed; `open` also throws `DOWNLOAD_TRUNCATED` or `HASH_MISMATCH`.
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
        // A failure is not cached: the next call tries again.
        source.catch(() => opened.delete(path))
      }
      return source
    },
  }
}
