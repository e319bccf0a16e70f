import { within } from '../../core/async/waiting.js'
import { usefulCores } from '../../core/cores.js'
import { Specter2Error } from '../../core/errors.js'
import type { AdapterName } from '../../core/types.js'
import type { EncoderShare } from '../../engine/encoder/pack-encoder.js'
import type { AdapterAddress, LoadedInfo, ModelAddress, WorkerLoadOptions } from '../../workers/embed/embed-protocol.js'
import type { WorkerSource } from '../../workers/rpc/start-worker.js'
import { transferred } from '../../workers/rpc/transferred.js'
import { type EmbedClient, startEmbedWorker } from './embed-worker.js'
import type { Demotion } from './embedder-options.js'
import type { LoadListener } from './load-progress.js'

/** Makes one call. Runs again, for the rest of its work, if the call must be repeated in another worker. */
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

/** A model folder to load; if it was converted, with its origin. */
export interface OpenedFolder extends Partial<Pick<LoadedInfo, 'from' | 'bytesDownloaded' | 'storage'>> {
  model: ModelAddress
  /** Whether it has just been converted. */
  isNew: boolean
}

/** Finds or converts the folder that a worker will load. */
export type OpenFolder = (client: EmbedClient, signal: AbortSignal | undefined) => Promise<OpenedFolder>

export interface WorkerPoolOptions {
  source: WorkerSource | undefined
  load: Omit<WorkerLoadOptions, 'model' | 'share'>
  open: OpenFolder
  /** Creates the listener for the first load, and for one after a demotion; other restarts report nothing. */
  listen: (demotion: Demotion | null) => LoadListener
}

/** How many times a call is repeated after its worker crashed, if other workers are alive. */
const MAX_CRASHES = 1

/** Memory of a worker besides copies of the model's files: runtime, tokenizer, activations. */
const WORKER_BYTES = 150e6

/** Assumed for browsers without `navigator.deviceMemory`. */
const DEFAULT_MEMORY_GIB = 4

/**
 * The workers that share a model's work: one on WebGPU, or if transformers.js has threads; on WASM otherwise as many as cores and
 * memory allow. The first one loads alone; the others load from the cache when bulk work arrives.
 *
 * If WebGPU fails and the device is `auto`, the pool switches to WASM and repeats the running calls there.
 */
export class WorkerPool {
  readonly #source: WorkerSource | undefined
  readonly #open: OpenFolder
  readonly #listen: (demotion: Demotion | null) => LoadListener
  readonly #added = new Map<AdapterName, AdapterAddress>()
  /** Errors after which {@link #recover} changed something: every call that failed with one is repeated. */
  readonly #recovered = new WeakSet<Error>()
  #options: Omit<WorkerLoadOptions, 'model' | 'share'>
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

  /** The model as it runs now; `null` before it is loaded for the first time. */
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

  /** Names of adapters that addAdapter() has loaded. */
  get addedAdapters(): Iterable<AdapterName> {
    return this.#added.keys()
  }

  /**
   * Makes a call in `member` if it is alive, otherwise in the least busy worker. Repeats it in another worker after the device
   * has failed, or after a crash if others are alive.
   *
   * @throws as WorkerClient.call; what loading throws, if a worker had to be restarted.
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
        if (!this.#recover(error) && !(crashed && crashes++ < MAX_CRASHES)) throw error
      } finally {
        on.calls--
      }
    }
  }

  /**
   * Runs `work` twice for each worker, so that its next call is already waiting when one ends. Workers that are not ready yet
   * join as soon as they are. Resolves when all started work has ended; rejects with the first error.
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

  /** Starts missing workers in the background. If one fails to start, the others continue without it. */
  grow(): void {
    if (this.#size === 1) return
    for (let index = 0; index < this.#size; index++) {
      const member = this.#members[index]
      if (!member || member.client.failure) this.#start(index, null, undefined)
    }
  }

  /** Loads a published adapter into every worker, also into those that start later. */
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
          // The next bulk work restarts it with all adapters.
          member.client.end(error as Error)
        }
      }),
    )
    signal?.throwIfAborted()
    return known
  }

  /** Terminates all workers; pending calls reject with `reason`. Idempotent. */
  end(reason: Error): void {
    this.#ended ??= reason
    for (const { client } of this.#members) client.end(reason)
  }

  /** The least busy live worker; if there is none, waits for one that is starting, or restarts the first (shared by concurrent calls). */
  async #liveMember(signal: AbortSignal | undefined): Promise<PoolMember> {
    signal?.throwIfAborted()
    for (;;) {
      if (this.#ended) throw this.#ended
      const live = this.#members.filter(isLive)
      if (live.length > 0) return live.reduce((least, member) => (member.calls < least.calls ? member : least))
      const member = this.#members.find(isHealthy) ?? this.#start(0, this.#demotionListener(), undefined)
      // If another worker than the first fails to start, the loop tries the first one.
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

  /** Loads the model; if the device fails, again on WASM or with one thread. */
  async #load(member: PoolMember, index: number, first: LoadListener | null, signal: AbortSignal | undefined): Promise<void> {
    for (let listener = first; ; ) {
      try {
        const { model, isNew, ...origin } = await this.#open(member.client, signal)
        if (isNew) listener?.converted()
        // What the first worker ended up with, perhaps after another engine failed the self-test.
        const engine = (index > 0 && this.#options.engine === 'auto' && this.#info?.engine) || this.#options.engine
        const share = index > 0 && this.#info?.engine === 'own' ? await this.#share(member) : null
        const options = { ...this.#options, engine, model, tested: index > 0, share }
        if (share?.memory instanceof ArrayBuffer) transferred(options, [share.memory])
        const info = await member.client.call('load', options, { signal, onReport: listener?.files })
        for (const [name, address] of this.#added) await member.client.call('addAdapter', { address, name }, { signal })
        member.ready = true
        if (index > 0) return
        this.#info = { ...info, ...origin }
        this.#size = this.#isShrunk ? 1 : this.#sizeFor(this.#info)
        listener?.ready()
        return
      } catch (error) {
        // The worker may be partly loaded: the next call starts a new one.
        member.client.end(error as Error)
        // This worker was one too many, perhaps for lack of memory: the others continue without it.
        const isTooMuch = error instanceof Specter2Error && ['RUNTIME_FAILED', 'WORKER_FAILED'].includes(error.code)
        if (index > 0 && isTooMuch) this.#size = Math.min(this.#size, index)
        if (signal?.aborted || this.#ended || index > 0 || !this.#recover(error)) throw error
        listener = this.#demotionListener() ?? listener
        member.client = startEmbedWorker(this.#source)
      }
    }
  }

  /** The weights as another worker has them; `null` if there is none, since this one can load them itself. */
  #share(member: PoolMember): Promise<EncoderShare | null> {
    const other = this.#members.find((candidate) => candidate !== member && isLive(candidate))
    return other ? other.client.call('share').catch(() => null) : Promise.resolve(null)
  }

  /** Whether it changed something so that the same call may now succeed. Makes each change once, so retries end. */
  #recover(error: unknown): boolean {
    if (!(error instanceof Specter2Error)) return false
    if (this.#recovered.has(error)) return true
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
    this.#recovered.add(error)
    // The failed worker has ended; ending the others frees their memory.
    for (const { client } of this.#members) client.end(error)
    return true
  }

  #sizeFor({ device, engine, threads, from, storage, bytes }: LoadedInfo): number {
    // Node 20 has no navigator.
    const { crossOriginIsolated, navigator } = globalThis as { crossOriginIsolated?: boolean; navigator?: Navigator }
    const hasThreads = engine === 'transformers' && (threads > 1 || crossOriginIsolated === true)
    // If the model is not stored, each worker would download it.
    const isLocal = from === 'files' || storage.cached
    if (device !== 'wasm' || hasThreads || !this.#canRestart || !isLocal) return 1
    const { deviceMemory } = (navigator ?? {}) as { deviceMemory?: number }
    const options = {
      cores: navigator?.hardwareConcurrency ?? 1,
      memoryGiB: deviceMemory,
      modelBytes: bytes,
      // The own encoder's workers share one copy, or each gets a copy of the packed weights.
      copies: engine === 'own' ? (crossOriginIsolated ? 0 : 2) : 3,
    }
    return this.#options.threads ?? chooseWorkers(options)
  }

  /** `false` if the caller gave a Worker: there is no second one. */
  get #canRestart(): boolean {
    return !(typeof this.#source === 'object' && !(this.#source instanceof URL))
  }

  /** The listener for loading on the device that takes over; `null` if none does. */
  #demotionListener(): LoadListener | null {
    return this.#demotion && this.#info?.device !== 'wasm' ? this.#listen(this.#demotion) : null
  }
}

/**
 * How many workers without threads share a CPU: one for each useful core, but no more than fit in half of the memory.
 *
 * @param memoryGiB `navigator.deviceMemory`.
 * @param modelBytes Bytes of the model's files.
 * @param copies Copies of these in a worker while it loads.
 */
export function chooseWorkers({
  cores,
  memoryGiB = DEFAULT_MEMORY_GIB,
  modelBytes,
  copies,
}: {
  cores: number
  memoryGiB?: number | undefined
  modelBytes: number
  copies: number
}): number {
  const fitting = Math.floor((memoryGiB * 2 ** 30) / 2 / (copies * modelBytes + WORKER_BYTES))
  return Math.max(1, Math.min(usefulCores(cores), fitting))
}

function isLive(member: PoolMember): boolean {
  return member.ready && isHealthy(member)
}

/** Whether a worker is loading or loaded, and has not failed. */
function isHealthy({ client }: PoolMember): boolean {
  return !client.failure
}

function endedForGood(cause: Error | null): Specter2Error {
  const message =
    'The worker given to createEmbedder() has ended. Create a new embedder; a function as `worker` would allow a restart.'
  return new Specter2Error('WORKER_FAILED', message, { cause })
}
