import type { FileProgress } from '../../core/types.js'
import type { FilesProgress } from './embed-protocol.js'

const INTERVAL_MS = 100

/** Reports the progress of files about ten times a second, and whenever a file begins or ends. */
export class FilesReporter {
  readonly #files = new Map<string, FileProgress>()
  readonly #report: (files: FilesProgress) => void
  #step = ''
  #reportedAt = 0

  constructor(report: (files: FilesProgress) => void) {
    this.#report = report
  }

  /** Adds files before they are read, with their sizes; skips paths that `sizes` does not have. */
  expect(paths: readonly (string | undefined)[], sizes: Readonly<Record<string, { bytes: number }>>): void {
    const files = paths.flatMap((path = '') => {
      const total = sizes[path]?.bytes
      return total === undefined ? [] : [{ path, loaded: 0, fromCache: 0, total }]
    })
    for (const file of files) this.#files.set(file.path, file)
    this.show([...this.#files.values()])
  }

  /** Adds a file, or updates its progress. */
  readonly update = (file: FileProgress): void => {
    this.#files.set(file.path, file)
    this.show([...this.#files.values()])
  }

  /** Reports these files, unless the last report was under 100 ms ago and no file has begun or ended since. */
  show(files: FilesProgress): void {
    const step = files.map(({ path, loaded, total }) => `${path}${loaded === total}`).join()
    const now = performance.now()
    if (step === this.#step && now - this.#reportedAt < INTERVAL_MS) return
    this.#step = step
    this.#reportedAt = now
    this.#report(files)
  }

  get bytes(): number {
    return [...this.#files.values()].reduce((sum, { loaded }) => sum + loaded, 0)
  }

  /** Bytes that did not come from the cache. */
  get bytesRead(): number {
    return [...this.#files.values()].reduce((sum, { loaded, fromCache }) => sum + loaded - fromCache, 0)
  }
}
