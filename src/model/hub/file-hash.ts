import { sha1 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { type ByteSource, readExactly } from '../../core/checkpoint/byte-source.js'

/** `sha256` for large files (git-lfs), `git-blob` (SHA-1 over a header and the bytes) for files in git itself. */
export type HashAlgorithm = 'sha256' | 'git-blob'

/** The hash of a file's content that a hub lists. */
export interface FileHash {
  readonly algorithm: HashAlgorithm
  /** Lower-case hex digits. */
  readonly hex: string
}

/** Creates an incremental hash, as Node's `createHash` does. */
export type CreateHash = (name: 'sha256' | 'sha1') => { update(bytes: Uint8Array): unknown; digest(): Uint8Array }

/** In plain JavaScript, since `crypto.subtle` needs a whole file at once. Node's own is ten times as fast. */
const createPlainHash: CreateHash = (name) => (name === 'sha256' ? sha256 : sha1).create()

const SLICE_BYTES = 4 * 1024 * 1024

/** Options of {@link hashFile}. */
export interface HashFileOptions {
  signal?: AbortSignal | undefined
  /** Default: plain JavaScript. */
  createHash?: CreateHash | undefined
}

/** Hash of a whole file as hex digits; reads slices of 4 MiB. */
export async function hashFile(
  source: ByteSource,
  algorithm: HashAlgorithm,
  { signal, createHash = createPlainHash }: HashFileOptions = {},
): Promise<string> {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (algorithm === 'git-blob') hash.update(new TextEncoder().encode(`blob ${source.byteLength}\0`))
  for (let start = 0; start < source.byteLength; start += SLICE_BYTES) {
    signal?.throwIfAborted()
    hash.update(await readExactly(source, start, Math.min(start + SLICE_BYTES, source.byteLength)))
  }
  return bytesToHex(new Uint8Array(hash.digest()))
}
