import type { ByteSource } from '../../core/checkpoint/byte-source.js'

/** A file of a repository at one commit: its content never changes. */
export interface StoredFile {
  /** `owner/name`. */
  readonly repo: string
  /** 40 hex digits. */
  readonly commit: string
  /** Path in the repository, with slashes. */
  readonly path: string
  readonly byteLength: number
}

/** Stores downloaded files: in a folder in Node, in a database in a page. Its errors end the download. */
export interface DownloadStore {
  /** A completely downloaded and verified file, `null` if there is none. */
  find(file: StoredFile): Promise<ByteSource | null>
  /** Begins a download, or resumes an interrupted one. Nobody else writes to it until it is released. */
  begin(file: StoredFile): Promise<PartialDownload>
}

/** A file that is being downloaded. */
export interface PartialDownload {
  /** Number of bytes stored, from the beginning of the file. */
  readonly held: number
  /** Appends bytes, which are borrowed. */
  append(bytes: Uint8Array): Promise<void>
  /** The stored bytes, to verify them. Valid until the next call of another method. */
  source(): Promise<ByteSource>
  /** Marks the file as complete and verified: from now on `find` returns it, as does this call. */
  commit(): Promise<ByteSource>
  /** Deletes the stored bytes; then `held` is 0. */
  discard(): Promise<void>
  /** Ends the download and saves its bytes for a later `begin`. Does nothing after `commit`. */
  release(): Promise<void>
}
