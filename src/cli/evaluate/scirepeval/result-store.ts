import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Specter2Error } from '../../../core/errors.js'
import { parseJsonLine, textLines } from '../../json-lines.js'
import type { Row } from '../../report.js'

/** Results of finished sets, a line for each, so that an interrupted run goes on where it was. */
export class ResultStore {
  readonly #file: string | null
  readonly #rows: Map<string, readonly Row[]>

  private constructor(file: string | null, rows: Map<string, readonly Row[]>) {
    this.#file = file
    this.#rows = rows
  }

  /** @param folder Created if it is missing; `undefined`: results are not kept. */
  static async open(folder: string | undefined): Promise<ResultStore> {
    const rows = new Map<string, readonly Row[]>()
    if (folder === undefined) return new ResultStore(null, rows)
    await mkdir(folder, { recursive: true })
    const file = join(folder, 'results.jsonl')
    if (existsSync(file))
      for await (const line of textLines(file)) {
        try {
          const { key, rows: own } = parseJsonLine(line)
          rows.set(String(key), own as Row[])
        } catch (error) {
          // A line that an interruption cut off: its set is evaluated again.
          if (!(error instanceof Specter2Error)) throw error
        }
      }
    return new ResultStore(file, rows)
  }

  get(key: string): readonly Row[] | undefined {
    return this.#rows.get(key)
  }

  async add(key: string, rows: readonly Row[]): Promise<readonly Row[]> {
    this.#rows.set(key, rows)
    // A line break before it, too: what an interruption cut off stays a line of its own.
    if (this.#file) await appendFile(this.#file, `\n${JSON.stringify({ key, rows })}\n`)
    return rows
  }
}
