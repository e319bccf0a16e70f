import { InvalidArgumentError } from '../../core/errors.js'
import type { IndexConnection } from './index-connection.js'

/**
 * Data of the app that belongs to an index: stored in the same database, deleted with it, and part of index files (`export('index')`,
 * `import()`). For example settings, or what was done to the papers.
 */
export class IndexData {
  readonly #connection: IndexConnection

  /** For PaperIndex. @internal */
  constructor(connection: IndexConnection) {
    this.#connection = connection
  }

  /**
   * The values whose keys begin with `prefix`, by ascending key; owned by the caller.
   *
   * @param prefix Default: all keys.
   * @throws Specter2Error `STORAGE_FAILED`, `DISPOSED`.
   */
  async get(prefix = ''): Promise<Map<string, unknown>> {
    return new Map(await this.#connection.call('data', prefix))
  }

  /**
   * Stores values by key, in one transaction; other keys stay. `onChange` is called in every tab.
   *
   * @param values What JSON can express, since files hold JSON; `null` deletes a value.
   * @throws InvalidArgumentError for an empty key; Specter2Error `STORAGE_FAILED`, with `details.reason` `QuotaExceededError` if the
   *   disk is full, or `DISPOSED`.
   *
   * @example
   * await index.data.set({ 'search:last': 'coral reefs', 'search:first': null })
   */
  async set(values: Readonly<Record<string, unknown>>): Promise<void> {
    const entries = Object.entries(values).map(([key, value]): [string, unknown] => {
      if (key === '') throw new InvalidArgumentError('values', key, 'keys of at least one character')
      return [key, value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown)]
    })
    if (entries.length > 0) await this.#connection.call('setData', new Map(entries))
  }
}
