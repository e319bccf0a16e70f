import { type Endpoint as CommandPort, expose, releaseProxy } from 'comlink'
import { Specter2Error } from '../../core/errors.js'
import { VERSION } from '../../core/version.js'
import { acquireLock } from '../../storage/web-locks.js'
import type { CallContext, Endpoint, Report, Service } from './protocol.js'
import { wrapTransferred } from './transferred.js'
import { toWireError } from './wire-errors.js'

type AnyMethod = (request: unknown, context: CallContext<unknown>) => unknown

/**
 * Answers the calls of a page by the methods of `service`.
 *
 * @param port Where the calls arrive. Default: this worker's own messages.
 */
export function serve<Protocol>(service: Service<Protocol>, port?: CommandPort): void {
  const methods = new Map(Object.entries(service) as [string, AnyMethod][])
  const calls = new Map<number, AbortController>()
  const lifeLock = holdLifeLock()
  const endpoint: Endpoint = {
    hello: async () => ({ lock: await lifeLock, version: VERSION }),
    async call(id, name, request, report) {
      const controller = new AbortController()
      calls.set(id, controller)
      const reports = new Reports(report)
      try {
        const method = methods.get(name)
        if (!method) throw otherVersion(name)
        const value = await method(request, { signal: controller.signal, report: reports.send })
        // Reports and answers come by different ports.
        await reports.arrived
        return wrapTransferred(value)
      } catch (error) {
        await reports.arrived.catch(() => {})
        return { error: toWireError(error) }
      } finally {
        calls.delete(id)
        reports.release()
      }
    },
    cancel: (id) => calls.get(id)?.abort(),
  }
  expose(endpoint, port)
}

/** The reports of one call. */
class Reports {
  readonly #remote: (Report<unknown> & { [releaseProxy]?: () => void }) | null
  #arrived: Promise<unknown> = Promise.resolve()

  constructor(remote: Report<unknown> | null) {
    this.#remote = remote
  }

  /** If a report fails, so does the call, whether or not its method waits for the report. */
  readonly send: Report<unknown> = (value) => {
    const arrival = Promise.resolve(this.#remote?.(value))
    this.#arrived = Promise.all([this.#arrived, arrival])
    for (const promise of [arrival, this.#arrived]) promise.catch(() => {})
    return arrival
  }

  /** Resolves when all reports so far have arrived. */
  get arrived(): Promise<unknown> {
    return this.#arrived
  }

  release(): void {
    this.#remote?.[releaseProxy]?.()
  }
}

/** Holds a Web Lock for as long as this worker lives: when it is free, the page knows that the worker has died. */
async function holdLifeLock(): Promise<string | null> {
  const name = `specter2-web:${crypto.randomUUID()}`
  const release = await acquireLock(name).catch(() => null)
  return release && name
}

function otherVersion(method: string): Specter2Error {
  const message = `The worker has no method "${method}": its script is of another version of the package than the page. Serve both from one version (specter2-web assets <dir>).`
  return new Specter2Error('WORKER_FAILED', message, { details: { method } })
}
