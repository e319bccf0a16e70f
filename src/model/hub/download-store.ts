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

/** Keeps downloaded files: a folder in Node, a database in a page. What it throws ends the download. */
export interface DownloadStore {
  /** A file that was downloaded whole and checked, `null` where there is none. */
  find(file: StoredFile): Promise<ByteSource | null>
  /** Begins a download, or takes up what an interrupted one has left. Nobody else writes to it until it is released. */
  begin(file: StoredFile): Promise<PartialDownload>
}

/** A file on its way. */
export interface PartialDownload {
  /** Bytes that are here, from the beginning of the file. */
  readonly held: number
  /** Adds bytes at the end; they are only read. */
  append(bytes: Uint8Array): Promise<void>
  /** The bytes that are here, to be checked. Valid until the next call of another method. */
  source(): Promise<ByteSource>
  /** The file is whole and checked: from now on `find` gives it, as does the promise. */
  commit(): Promise<ByteSource>
  /** Forgets the bytes; `held` is 0 then. */
  discard(): Promise<void>
  /** Ends the work on it, and keeps its bytes for a later `begin`. Does nothing after `commit`. */
  release(): Promise<void>
}
