import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Output } from './output.js'

/** A published checkpoint with adapters and reference vectors. */
export const fixture = fileURLToPath(new URL('../../testing/fixtures/specter2-tiny', import.meta.url))

/** A signal that is never aborted. */
export const never = new AbortController().signal

/** A new empty folder. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'specter2-web-'))

/** An output that records what a command prints. */
export function recordOutput({ isTTY = false } = {}): { output: Output; stdout: () => string; stderr: () => string } {
  const [stdout, stderr]: [string[], string[]] = [[], []]
  const stream = (texts: string[]) => ({
    isTTY,
    write(piece: string | Uint8Array, done?: () => void) {
      texts.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1'))
      done?.()
    },
  })
  return {
    output: new Output(stream(stdout), stream(stderr)),
    stdout: () => stdout.join(''),
    stderr: () => stderr.join(''),
  }
}
