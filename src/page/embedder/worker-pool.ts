import { proxy, type Remote } from 'comlink'
import { within } from '../../core/async/waiting.js'
import { usefulCores } from '../../core/cores.js'
import { Specter2Error } from '../../core/errors.js'
import type { AdapterName, Device } from '../../core/types.js'
import type {
  AdapterAddress,
  EmbedWorker,
  FilesProgress,
  LoadedInfo,
  ModelAddress,
  WorkerLoadOptions,
} from '../../workers/embed/embed-protocol.js'
import type { Settled } from '../../workers/rpc/rpc-protocol.js'
import { WorkerClient, type WorkerSource } from '../../workers/rpc/worker-client.js'

/** That a model runs on another device than the one that was chosen first, and why. */
export interface Demotion {
  from: Device
  /** What failed there: the self-test, the loading or a run. */
  reason: string
}

/** One call to a worker. Where it has to be made again in another worker, it is asked anew for what is left to do. */
export type WorkerCall<T> = (worker: Remote<EmbedWorker>, call: number) => Promise<Settled<T>>

/** One place for a worker, which may be restarted. */
export interface Seat {
  client: WorkerClient
  /** Settles when the worker has its model. */
  loading: Promise<void>
  ready: boolean
  /** Calls that are under way. */
  calls: number
}

/** Hears how the loading of the first worker comes on. */
export interface LoadListener {
  /** What comes now is loaded from a folder that has just been made. */
  converted(): void
  files: FilesProgress
  ready(): void
}

const SILENT: LoadListener = { converted() {}, files: proxy(() => {}), ready() {} }

/** A model folder to load, and what a conversion says of its origin. */
export interface OpenedFolder extends Partial<Pick<LoadedInfo, 'from' | 'bytesDownloaded' | 'storage'>> {
  model: ModelAddress
  /** Whether it has just been converted. */
  isNew: boolean
}

/** Finds or makes the folder that a worker is to load. */
export type OpenFolder = (client: WorkerClient, signal: AbortSignal | undefined) => Promise<OpenedFolder>

export interface WorkerPoolOptions {
  source: WorkerSource | undefined
  load: Omit<WorkerLoadOptions, 'model'>
  open: OpenFolder
  /** Makes the listener of the first loading, and of one after a demotion; other restarts are silent. */
  listen: (demotion: Demotion | null) => LoadListener
}

/** A call is made again after this many crashes of workers beside others that live. */
const MAX_CRASHES = 1

/** What a worker needs besides three copies of the model's files: runtime, tokenizer, the values of a run. */
const WORKER_BYTES = 150e6

/** Browsers without `navigator.deviceMemory` do not tell. */
const USUAL_MEMORY_GIB = 4

/**
 * The workers that share a model's work: one, or where the page is not cross-origin isolated, so that WASM has no threads,
 * as many as cores and memory allow. The first loads alone; the others load from the cache when bulk work comes.
 *
 * A failed WebGPU is given up for WASM, where the device was left to us; what was under way is done again there.
 */
export class WorkerPool {
  readonly #source: WorkerSource | undefined
  readonly #open: OpenFolder
  readonly #listen: (demotion: Demotion | null) => LoadListener
  readonly #added = new Map<AdapterName, AdapterAddress>()
  /** Errors that were answered by a change below: every call that they ended is made again. */
  readonly #answered = new WeakSet<Error>()
  #options: Omit<WorkerLoadOptions, 'model'>
  #seats: Seat[] = []
  #size = 1
  #info: LoadedInfo | null = null
  #demotion: Demotion | null = null
  #isShrunk = false
  #ended: Error | null = null

  constructor({ source, load, open, listen }: WorkerPoolOptions) {
    this.#source = source
    this.#options = load
    this.#open = open
    this.#listen = listen
  }

  /** Loads the model into the first worker. */
  async load(signal: AbortSignal | undefined): Promise<void> {
    await this.#start(0, this.#listen(null), signal).loading
  }

  /** Of the model as it runs now; `null` before it is loaded for the first time. */
  get info(): LoadedInfo | null {
    return this.#info
  }

  get demotion(): Demotion | null {
    return this.#demotion
  }

  /** How many workers share bulk work. */
  get size(): number {
    return this.#size
  }

  /** Names of adapters from elsewhere. */
  get addedAdapters(): Iterable<AdapterName> {
    return this.#added.keys()
  }

  /**
   * Makes a call in `seat` while that lives, else in the least busy worker; again in another after a failure of the device, or
   * after a crash beside others.
   *
   * @throws as WorkerClient.call; what loading throws, where a worker had to be restarted.
   */
  async call<T>(method: WorkerCall<T>, signal: AbortSignal | undefined, seat?: Seat): Promise<T> {
    for (let crashes = 0; ; ) {
      const on = seat && isLive(seat) ? seat : await this.#liveSeat(signal)
      on.calls++
      try {
        return await on.client.call(method, signal)
      } catch (error) {
        if (signal?.aborted || this.#ended) throw error
        const crashed = error instanceof Specter2Error && error.code === 'WORKER_FAILED' && this.#seats.some(isHealthy)
        if (!this.#answer(error) && !(crashed && crashes++ < MAX_CRASHES)) throw error
      } finally {
        on.calls--
      }
    }
  }

  /**
   * Runs `lane` twice for each worker, so that one of its calls is in work while another waits; for workers that are not
   * ready yet as soon as they are. Ends when the lanes that began have, or with the first error.
   */
  async spread(lane: (seat: Seat) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const running = new Set<Promise<void>>()
    const begin = (seat: Seat) => {
      for (let count = 0; count < 2; count++) {
        const run = lane(seat)
        running.add(run)
        run.then(
          () => running.delete(run),
          () => {},
        )
      }
    }
    const first = await this.#liveSeat(signal)
    begin(first)
    for (const seat of this.#seats) {
      if (seat === first || seat.client.failure) continue
      seat.loading.then(
        () => running.size > 0 && begin(seat),
        () => {},
      )
    }
    while (running.size > 0) await Promise.race(running)
  }

  /** Starts the workers that are missing, in the background. A failure of theirs is no one's: the others go on. */
  grow(): void {
    if (this.#size === 1) return
    for (let index = 0; index < this.#size; index++) {
      const seat = this.#seats[index]
      if (!seat || seat.client.failure) this.#start(index, SILENT, undefined)
    }
  }

  /** An adapter from elsewhere, in every worker, also in those that start later. */
  async addAdapter(address: AdapterAddress, name: AdapterName | null, signal: AbortSignal | undefined): Promise<AdapterName> {
    const first = await this.#liveSeat(signal)
    const known = await this.call((worker, call) => worker.addAdapter(call, address, name), signal, first)
    this.#added.set(known, address)
    await Promise.all(
      this.#seats.map(async (seat) => {
        if (seat === first || seat.client.failure) return
        try {
          await within(seat.loading, { signal })
          await seat.client.call((worker, call) => worker.addAdapter(call, address, known), signal)
        } catch (error) {
          // It starts anew, with all adapters, when there is bulk work.
          seat.client.end(error as Error)
        }
      }),
    )
    signal?.throwIfAborted()
    return known
  }

  /** Ends all workers; pending calls reject with `reason`. Idempotent. */
  end(reason: Error): void {
    this.#ended ??= reason
    for (const { client } of this.#seats) client.end(reason)
  }

  /** The least busy worker; where none lives, one that is starting or the first after its restart, which concurrent calls share. */
  async #liveSeat(signal: AbortSignal | undefined): Promise<Seat> {
    signal?.throwIfAborted()
    for (;;) {
      if (this.#ended) throw this.#ended
      const live = this.#seats.filter(isLive)
      if (live.length > 0) return live.reduce((least, seat) => (seat.calls < least.calls ? seat : least))
      const seat = this.#seats.find(isHealthy) ?? this.#start(0, this.#demotionListener() ?? SILENT, undefined)
      // Where a further worker does not start, the first one is tried.
      await within(seat === this.#seats[0] ? seat.loading : seat.loading.catch(() => {}), { signal })
    }
  }

  #start(index: number, listener: LoadListener, signal: AbortSignal | undefined): Seat {
    const replaced = this.#seats[index]
    if (replaced && !this.#canRestart) throw endedForGood(replaced.client.failure)
    const seat: Seat = { client: new WorkerClient(this.#source), loading: Promise.resolve(), ready: false, calls: 0 }
    this.#seats[index] = seat
    seat.loading = this.#load(seat, index, listener, signal)
    seat.loading.catch(() => {})
    return seat
  }

  /** Again on WASM, or with less, where the device fails. */
  async #load(seat: Seat, index: number, first: LoadListener, signal: AbortSignal | undefined): Promise<void> {
    for (let listener = first; ; ) {
      try {
        const { model, isNew, ...origin } = await this.#open(seat.client, signal)
        if (isNew) listener.converted()
        const options = { ...this.#options, model, tested: index > 0 }
        const info = await seat.client.call((worker, call) => worker.load(call, options, listener.files), signal)
        for (const [name, address] of this.#added)
          await seat.client.call((worker, call) => worker.addAdapter(call, address, name), signal)
        seat.ready = true
        if (index > 0) return
        this.#info = { ...info, ...origin }
        this.#size = this.#isShrunk ? 1 : this.#sizeFor(this.#info)
        listener.ready()
        return
      } catch (error) {
        // Half a start is none: the next call begins anew.
        seat.client.end(error as Error)
        // One worker more is one too many, perhaps for want of memory: the others go on without.
        const isTooMuch = error instanceof Specter2Error && ['RUNTIME_FAILED', 'WORKER_FAILED'].includes(error.code)
        if (index > 0 && isTooMuch) this.#size = Math.min(this.#size, index)
        if (signal?.aborted || this.#ended || index > 0 || !this.#answer(error)) throw error
        listener = this.#demotionListener() ?? listener
        seat.client = new WorkerClient(this.#source)
      }
    }
  }

  /** Whether something was changed after which the same call may succeed. Each change is made once, so there is an end. */
  #answer(error: unknown): boolean {
    if (!(error instanceof Specter2Error)) return false
    if (this.#answered.has(error)) return true
    const { device, outOfMemory } = error.details
    const isAuto = this.#options.device === 'auto'
    if (!this.#canRestart) return false
    if (device === 'webgpu' && isAuto && (error.code === 'RUNTIME_FAILED' || error.code === 'SELF_TEST_FAILED')) {
      this.#demotion = { from: 'webgpu', reason: error.message }
      this.#options = { ...this.#options, device: 'wasm' }
    } else if (device === 'wasm' && outOfMemory === true && !this.#isShrunk) {
      this.#isShrunk = true
      this.#options = { ...this.#options, threads: 1 }
      this.#size = 1
    } else return false
    this.#answered.add(error)
    // The failed worker has ended; the others of the pool give their memory back.
    for (const { client } of this.#seats) client.end(error)
    return true
  }

  #sizeFor({ device, threads, from, storage, bytes }: LoadedInfo): number {
    const { crossOriginIsolated, navigator } = globalThis
    // What no storage keeps, each worker would download.
    const isAtHand = from === 'files' || storage.cached
    if (device !== 'wasm' || threads > 1 || crossOriginIsolated || !this.#canRestart || !isAtHand) return 1
    const { deviceMemory } = navigator as { deviceMemory?: number }
    const options = { cores: navigator.hardwareConcurrency, memoryGiB: deviceMemory, modelBytes: bytes }
    return this.#options.threads ?? chooseWorkers(options)
  }

  /** A worker that the caller made is the only one. */
  get #canRestart(): boolean {
    return !(typeof this.#source === 'object' && !(this.#source instanceof URL))
  }

  /** For the loading on the device that takes over. */
  #demotionListener(): LoadListener | null {
    return this.#demotion && this.#info?.device !== 'wasm' ? this.#listen(this.#demotion) : null
  }
}

/**
 * How many workers without threads share a CPU: one for each useful core, as far as half of the memory holds them.
 *
 * @param memoryGiB `navigator.deviceMemory`.
 * @param modelBytes Bytes of the model's files.
 */
export function chooseWorkers({
  cores,
  memoryGiB = USUAL_MEMORY_GIB,
  modelBytes,
}: {
  cores: number
  memoryGiB?: number | undefined
  modelBytes: number
}): number {
  const fitting = Math.floor((memoryGiB * 2 ** 30) / 2 / (3 * modelBytes + WORKER_BYTES))
  return Math.max(1, Math.min(usefulCores(cores), fitting))
}

function isLive(seat: Seat): boolean {
  return seat.ready && isHealthy(seat)
}

/** At work, or on its way there. */
function isHealthy({ client }: Seat): boolean {
  return !client.failure
}

function endedForGood(cause: Error | null): Specter2Error {
  const message =
    'The worker given to createEmbedder() has ended. Create a new embedder; a function as `worker` would allow a restart.'
  return new Specter2Error('WORKER_FAILED', message, { cause })
}
