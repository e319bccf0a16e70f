import { within } from '../../core/async/waiting.js'
import { usefulCores } from '../../core/cores.js'
import { Specter2Error } from '../../core/errors.js'
import type { AdapterName } from '../../core/types.js'
import type { AdapterAddress, LoadedInfo, ModelAddress, WorkerLoadOptions } from '../../workers/embed/embed-protocol.js'
import type { WorkerSource } from '../../workers/rpc/worker-client.js'
import { type EmbedClient, startEmbedWorker } from './embed-worker.js'
import type { Demotion } from './embedder-options.js'
import type { LoadListener } from './load-progress.js'

/** Makes one call. If it has to be made again in another worker, it is asked anew for what is left to do. */
export type PoolCall<T> = (client: EmbedClient) => Promise<T>

/** One worker of the pool; after a crash another worker takes its place. */
export interface PoolMember {
  client: EmbedClient
  /** Settles when the worker has its model. */
  loading: Promise<void>
  ready: boolean
  /** Calls that are running. */
  calls: number
}

/** A model folder to load, and what a conversion says of its origin. */
export interface OpenedFolder extends Partial<Pick<LoadedInfo, 'from' | 'bytesDownloaded' | 'storage'>> {
  model: ModelAddress
  /** Whether it has just been converted. */
  isNew: boolean
}

/** Finds or makes the folder that a worker is to load. */
export type OpenFolder = (client: EmbedClient, signal: AbortSignal | undefined) => Promise<OpenedFolder>

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
  #members: PoolMember[] = []
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
   * Makes a call in `member` while that lives, else in the least busy worker; again in another after a failure of the device, or
   * after a crash beside others.
   *
   * @throws as WorkerClient.call; what loading throws, where a worker had to be restarted.
   */
  async call<T>(method: PoolCall<T>, signal: AbortSignal | undefined, member?: PoolMember): Promise<T> {
    for (let crashes = 0; ; ) {
      const on = member && isLive(member) ? member : await this.#liveMember(signal)
      on.calls++
      try {
        return await method(on.client)
      } catch (error) {
        if (signal?.aborted || this.#ended) throw error
        const crashed = error instanceof Specter2Error && error.code === 'WORKER_FAILED' && this.#members.some(isHealthy)
        if (!this.#answer(error) && !(crashed && crashes++ < MAX_CRASHES)) throw error
      } finally {
        on.calls--
      }
    }
  }

  /**
   * Runs `work` twice for each worker, so that one of its calls waits while another runs; for workers that are not ready yet, as
   * soon as they are. Resolves when everything that began has ended; rejects with the first error.
   */
  async spread(work: (member: PoolMember) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const running = new Set<Promise<void>>()
    const begin = (member: PoolMember) => {
      for (let count = 0; count < 2; count++) {
        const run = work(member)
        running.add(run)
        run.then(
          () => running.delete(run),
          () => {},
        )
      }
    }
    const first = await this.#liveMember(signal)
    begin(first)
    for (const member of this.#members) {
      if (member === first || member.client.failure) continue
      member.loading.then(
        () => running.size > 0 && begin(member),
        () => {},
      )
    }
    while (running.size > 0) await Promise.race(running)
  }

  /** Starts the workers that are missing, in the background. A failure of theirs is no one's: the others go on. */
  grow(): void {
    if (this.#size === 1) return
    for (let index = 0; index < this.#size; index++) {
      const member = this.#members[index]
      if (!member || member.client.failure) this.#start(index, null, undefined)
    }
  }

  /** An adapter from elsewhere, in every worker, also in those that start later. */
  async addAdapter(address: AdapterAddress, name: AdapterName | null, signal: AbortSignal | undefined): Promise<AdapterName> {
    const first = await this.#liveMember(signal)
    const known = await this.call((client) => client.call('addAdapter', { address, name }, { signal }), signal, first)
    this.#added.set(known, address)
    await Promise.all(
      this.#members.map(async (member) => {
        if (member === first || member.client.failure) return
        try {
          await within(member.loading, { signal })
          await member.client.call('addAdapter', { address, name: known }, { signal })
        } catch (error) {
          // It starts anew, with all adapters, when there is bulk work.
          member.client.end(error as Error)
        }
      }),
    )
    signal?.throwIfAborted()
    return known
  }

  /** Ends all workers; pending calls reject with `reason`. Idempotent. */
  end(reason: Error): void {
    this.#ended ??= reason
    for (const { client } of this.#members) client.end(reason)
  }

  /** The least busy worker; where none lives, one that is starting or the first after its restart, which concurrent calls share. */
  async #liveMember(signal: AbortSignal | undefined): Promise<PoolMember> {
    signal?.throwIfAborted()
    for (;;) {
      if (this.#ended) throw this.#ended
      const live = this.#members.filter(isLive)
      if (live.length > 0) return live.reduce((least, member) => (member.calls < least.calls ? member : least))
      const member = this.#members.find(isHealthy) ?? this.#start(0, this.#demotionListener(), undefined)
      // Where a further worker does not start, the first one is tried.
      await within(member === this.#members[0] ? member.loading : member.loading.catch(() => {}), { signal })
    }
  }

  #start(index: number, listener: LoadListener | null, signal: AbortSignal | undefined): PoolMember {
    const replaced = this.#members[index]
    if (replaced && !this.#canRestart) throw endedForGood(replaced.client.failure)
    const member: PoolMember = { client: startEmbedWorker(this.#source), loading: Promise.resolve(), ready: false, calls: 0 }
    this.#members[index] = member
    member.loading = this.#load(member, index, listener, signal)
    member.loading.catch(() => {})
    return member
  }

  /** Again on WASM, or with less, where the device fails. */
  async #load(member: PoolMember, index: number, first: LoadListener | null, signal: AbortSignal | undefined): Promise<void> {
    for (let listener = first; ; ) {
      try {
        const { model, isNew, ...origin } = await this.#open(member.client, signal)
        if (isNew) listener?.converted()
        const options = { ...this.#options, model, tested: index > 0 }
        const info = await member.client.call('load', options, { signal, onReport: listener?.files })
        for (const [name, address] of this.#added) await member.client.call('addAdapter', { address, name }, { signal })
        member.ready = true
        if (index > 0) return
        this.#info = { ...info, ...origin }
        this.#size = this.#isShrunk ? 1 : this.#sizeFor(this.#info)
        listener?.ready()
        return
      } catch (error) {
        // Half a start is none: the next call begins anew.
        member.client.end(error as Error)
        // One worker more is one too many, perhaps for want of memory: the others go on without.
        const isTooMuch = error instanceof Specter2Error && ['RUNTIME_FAILED', 'WORKER_FAILED'].includes(error.code)
        if (index > 0 && isTooMuch) this.#size = Math.min(this.#size, index)
        if (signal?.aborted || this.#ended || index > 0 || !this.#answer(error)) throw error
        listener = this.#demotionListener() ?? listener
        member.client = startEmbedWorker(this.#source)
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
    for (const { client } of this.#members) client.end(error)
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

function isLive(member: PoolMember): boolean {
  return member.ready && isHealthy(member)
}

/** At work, or on its way there. */
function isHealthy({ client }: PoolMember): boolean {
  return !client.failure
}

function endedForGood(cause: Error | null): Specter2Error {
  const message =
    'The worker given to createEmbedder() has ended. Create a new embedder; a function as `worker` would allow a restart.'
  return new Specter2Error('WORKER_FAILED', message, { cause })
}
