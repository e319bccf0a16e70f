import type { Service } from '../src/workers/rpc/protocol.js'
import { serve } from '../src/workers/rpc/serve.js'

/** Stands in for a worker: the service runs in this process, at the other end of a MessageChannel. */
export class PortWorker extends EventTarget {
  readonly #port: MessagePort
  isTerminated = false

  constructor(port: MessagePort) {
    super()
    this.#port = port
    port.addEventListener('message', ({ data }) => this.dispatchEvent(new MessageEvent('message', { data })))
    port.start()
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer)
  }

  terminate(): void {
    this.isTerminated = true
    this.#port.close()
  }

  /** Dies with an error that nothing caught. */
  crash(message: string): void {
    this.#port.close()
    this.dispatchEvent(Object.assign(new Event('error'), { message }))
  }
}

/**
 * Starts a worker that answers by `service`; without one it answers nothing. `Worker` must be stubbed with {@link PortWorker},
 * as Node has none.
 */
export function startPortWorker<Protocol>(service: Service<Protocol> | null): PortWorker & Worker {
  const { port1, port2 } = new MessageChannel()
  if (service) serve<Protocol>(service, port2)
  return new PortWorker(port1) as PortWorker & Worker
}
