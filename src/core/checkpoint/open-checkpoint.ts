import { type ByteSource, readExactly, viewOf } from './byte-source.js'
import { damagedFile, unsupportedFile } from './file-errors.js'
import { MAX_HEADER_BYTES, openSafetensors } from './safetensors.js'
import type { Checkpoint } from './tensors.js'
import { openTorch } from './torch-checkpoint.js'

/** Other formats in which models are published, by the beginning of their files. */
const OTHER_FORMATS: readonly (readonly [start: string, name: string])[] = [
  ['\x89HDF', 'an HDF5 file (TensorFlow)'],
  ['GGUF', 'a GGUF file'],
  ['\x1f\x8b', 'a gzip archive'],
]

/**
 * Float tensors of a published checkpoint: safetensors, or a state dict saved by torch. The format is detected from the bytes,
 * not the name.
 * @throws Specter2Error `DAMAGED_FILE` for a file that is empty, cut off, an HTML page or a git-lfs pointer; `UNSUPPORTED` for
 *   any other format.
 */
export async function openCheckpoint(source: ByteSource): Promise<Checkpoint> {
  if (source.byteLength === 0) throw damagedFile(source.name, 'is empty', { found: 'nothing' })
  const bytes = await readExactly(source, 0, Math.min(64, source.byteLength))
  // One character per byte.
  const start = String.fromCharCode(...bytes)

  // A safetensors file begins with the length of its header in 8 bytes, which may look like the beginning of any other format.
  if (bytes.length > 8 && start[8] === '{' && viewOf(bytes).getBigUint64(0, true) <= MAX_HEADER_BYTES)
    return openSafetensors(source)
  if (start.startsWith('PK') || start.startsWith('\x80')) return openTorch(source)
  if (start.startsWith('version https://git-lfs')) {
    const found = 'is a git-lfs pointer: the file it stands for was not fetched. Run git lfs pull, or download the file itself'
    throw damagedFile(source.name, found, { found: 'git-lfs pointer' })
  }
  if (/^(\xef\xbb\xbf)?\s*<[!?a-z]/i.test(start)) {
    throw damagedFile(source.name, 'is an HTML page, not weights: the server answered with a page', { found: 'html' })
  }
  const format = OTHER_FORMATS.find(([magic]) => start.startsWith(magic))?.[1]
  if (format === undefined && source.byteLength < 9) return openSafetensors(source)
  const beginning = hex(bytes.subarray(0, 8))
  throw unsupportedFile(
    source.name,
    `is ${format ?? `neither safetensors nor a torch file (it begins with ${beginning})`}`,
    'Give model.safetensors or pytorch_model.bin.',
    { found: format ?? beginning },
  )
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
