import { type TransferListItem, Worker } from 'node:worker_threads'

/** A thread of Node with the parts of a browser's worker that calls need. */
export class NodeWorker extends EventTarget {
  readonly #worker: Worker
  #isTerminated = false

  constructor(script: URL) {
    super()
    // A thread inherits the flags of the process, of which `--input-type` is for code on the command line alone.
    this.#worker = new Worker(script, { execArgv: process.execArgv.filter((flag) => !flag.startsWith('--input-type')) })
    const failed = (message: string) => {
      if (!this.#isTerminated) this.dispatchEvent(Object.assign(new Event('error'), { message }))
    }
    this.#worker.on('message', (data) => this.dispatchEvent(new MessageEvent('message', { data })))
    this.#worker.on('messageerror', () => this.dispatchEvent(new Event('messageerror')))
    this.#worker.on('error', ({ message }) => failed(message))
    this.#worker.on('exit', (code) => failed(`it ended with code ${code}`))
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer as TransferListItem[])
  }

  terminate(): void {
    this.#isTerminated = true
    void this.#worker.terminate()
  }
}
