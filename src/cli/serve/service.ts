import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import { decodeVector, encodeVector, SERVICE_LIMITS, type ServiceError } from '../../core/search/service-protocol.js'
import { VERSION } from '../../core/version.js'
import type { PaperTable, TableSearch } from './paper-table.js'

/** How a service is run. */
export interface ServiceOptions {
  /** Origins whose pages may ask; `*` is any. */
  origins: readonly string[]
  /** What a request must bring as `Authorization: Bearer …`; `null`: nothing. */
  key: string | null
  /** Searches at once, and how many may wait. */
  concurrency: number
  waiting: number
}

const { MAX_K, MAX_REACH, MAX_QUERY, MAX_IDS, MAX_BODY_BYTES } = SERVICE_LIMITS
const MODES = ['semantic', 'lexical', 'hybrid'] as const
/** Upper bounds of the histogram of latencies, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** The HTTP interface of a table: it reads, and knows no other path than its own. */
export function tableService(table: Pick<PaperTable, 'info' | 'search' | 'get'>, options: ServiceOptions): Hono {
  const app = new Hono()
  const gate = new Gate(options.concurrency, options.waiting)
  const metrics = new Metrics()

  app.onError((error, context) => {
    const { status, body } = answerOf(error)
    // What is left of a request that is too large is not read, so its connection cannot be used again.
    const headers = status === 503 ? { 'retry-after': '1' } : status === 413 ? { connection: 'close' } : undefined
    return context.json({ error: body }, status as 400, headers)
  })
  app.notFound((context) => context.json({ error: plainError('NOT_FOUND', 'There is nothing at this address.') }, 404))
  app.use(async (context, next) => {
    const startedAt = performance.now()
    await next()
    context.header('x-content-type-options', 'nosniff')
    context.header('cache-control', 'no-store')
    metrics.add(context.req.routePath, context.res.status, (performance.now() - startedAt) / 1000)
  })
  app.get('/health', (context) => context.json({ status: 'ok', papers: table.info.papers, version: VERSION }))
  app.use(
    cors({
      origin: (origin) => (options.origins.includes('*') ? '*' : options.origins.includes(origin) ? origin : null),
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['authorization', 'content-type'],
      maxAge: 600,
    }),
  )
  if (options.key !== null) {
    const expected = digest(options.key)
    app.use(async (context, next) => {
      const given = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1] ?? ''
      if (!timingSafeEqual(digest(given), expected))
        return context.json({ error: plainError('ACCESS_DENIED', 'This service needs its key, as Authorization: Bearer …') }, 401)
      await next()
    })
  }
  app.get('/metrics', (context) => context.text(metrics.text(gate)))
  app.get('/v1/info', (context) => context.json(table.info))
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw limit('MAX_BODY_BYTES', MAX_BODY_BYTES, 'The request is larger')
      },
    }),
  )
  app.post('/v1/search', async (context) => {
    const request = checkSearch(await jsonOf(context.req.raw), table.info.dimension)
    return context.json(await gate.run(() => table.search(request), context.req.raw.signal))
  })
  app.post('/v1/papers', async (context) => {
    const ids = checkIds('ids', (await jsonOf(context.req.raw)).ids)
    const found = await gate.run(() => table.get(ids), context.req.raw.signal)
    return context.json({
      papers: found.map((one) => one && { paper: one.paper, vector: one.vector && encodeVector(one.vector) }),
    })
  })
  return app
}

async function jsonOf(request: Request): Promise<Record<string, unknown>> {
  const value: unknown = await request.json().catch(() => undefined)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('body', value, 'a JSON object')
  return value as Record<string, unknown>
}

function checkSearch(body: Record<string, unknown>, dimension: number): TableSearch {
  const { mode, query, vector, k = 10, offset = 0, ids = null, except = [] } = body
  const whole = (field: string, value: unknown, least: number, most: number): number => {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
      throw new InvalidArgumentError(field, value, `a whole number from ${least} to ${most}`)
    return value as number
  }
  const asked = MODES.find((one) => one === mode)
  if (!asked) throw new InvalidArgumentError('mode', mode, `one of ${MODES.join(', ')}`)
  if (typeof query !== 'string' || query.length > MAX_QUERY)
    throw new InvalidArgumentError('query', query, `a string of at most ${MAX_QUERY} characters`)
  const checked = {
    mode: asked,
    query: query.replaceAll('\0', ' '),
    k: whole('k', k, 1, MAX_K),
    offset: whole('offset', offset, 0, MAX_REACH - (k as number)),
    ids: ids === null ? null : checkIds('ids', ids),
    except: checkIds('except', except),
  }
  if (vector === null || vector === undefined) {
    if (asked === 'semantic') throw new InvalidArgumentError('vector', vector, 'the vector of the query, as base64 of float32')
    return { ...checked, vector: null }
  }
  const decoded = typeof vector === 'string' ? decodeVector(vector) : null
  if (!decoded) throw new InvalidArgumentError('vector', vector, 'base64 of float32, little-endian')
  if (decoded.length !== dimension)
    throw new InvalidArgumentError('vector.length', decoded.length, `${dimension}, the dimension of the table`)
  if (!decoded.every(Number.isFinite) || decoded.every((value) => value === 0))
    throw new InvalidArgumentError('vector', vector, 'finite numbers that are not all zero')
  return { ...checked, vector: decoded }
}

function checkIds(field: string, value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string' && id.length <= 500 && !id.includes('\0')))
    throw new InvalidArgumentError(field, value, 'an array of ids of papers')
  if (value.length > MAX_IDS) throw limit('MAX_IDS', MAX_IDS, `${value.length} ids`)
  return value
}

function limit(name: string, value: number, found: string): Specter2Error {
  return new Specter2Error('LIMIT_EXCEEDED', `${found}: the limit ${name} is ${value}.`, { details: { limit: name, value } })
}

function answerOf(error: unknown): { status: number; body: ServiceError } {
  if (error instanceof InvalidArgumentError)
    return { status: 400, body: { ...plainError(error.code, error.message), field: error.field } }
  if (error instanceof Specter2Error) {
    const { code, message, retryable, details } = error
    const status = code === 'LIMIT_EXCEEDED' ? (retryable ? 503 : 413) : 400
    return { status, body: { code, message, retryable, details: details as ServiceError['details'] } }
  }
  // What LanceDB says may name paths of this machine.
  const isLate = /timeout|timed out/i.test(String((error as Error)?.message))
  const message = isLate ? 'The search took too long. Ask for less, or later.' : 'The table could not answer.'
  return { status: 503, body: { ...plainError('SERVICE_FAILED', message), retryable: true } }
}

const plainError = (code: string, message: string): ServiceError => ({ code, message, retryable: false, details: {} })
const digest = (text: string) => createHash('sha256').update(text).digest()

/** Lets a few searches run and a few wait; the others are told to come later. */
class Gate {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  running = 0
  refused = 0

  constructor(most: number, waiting: number) {
    this.#most = most
    this.#mostWaiting = waiting
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.running >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) {
        this.refused++
        const details = { limit: 'searches', value: this.#most + this.#mostWaiting }
        throw new Specter2Error('LIMIT_EXCEEDED', 'The service is busy. Try again in a second.', { retryable: true, details })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.running++
    try {
      // Whoever has gone needs no answer.
      signal.throwIfAborted()
      return await work()
    } finally {
      this.running--
      this.#waiting.shift()?.()
    }
  }
}

/** Counts in the text format of Prometheus. */
class Metrics {
  readonly #counts = new Map<string, number>()
  readonly #buckets = new Map<string, { below: number[]; sum: number; count: number }>()

  add(path: string, status: number, seconds: number): void {
    const key = `path="${path}",status="${status}"`
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    const bucket = this.#buckets.get(path) ?? { below: BUCKETS.map(() => 0), sum: 0, count: 0 }
    this.#buckets.set(path, bucket)
    for (const [at, most] of BUCKETS.entries()) if (seconds <= most) bucket.below[at]!++
    bucket.sum += seconds
    bucket.count++
  }

  text(gate: Gate): string {
    const name = 'specter2_web'
    const lines = [
      `# TYPE ${name}_requests_total counter`,
      ...[...this.#counts].map(([key, count]) => `${name}_requests_total{${key}} ${count}`),
      `# TYPE ${name}_refused_total counter`,
      `${name}_refused_total ${gate.refused}`,
      `# TYPE ${name}_running gauge`,
      `${name}_running ${gate.running}`,
      `# TYPE ${name}_waiting gauge`,
      `${name}_waiting ${gate.waiting}`,
      `# TYPE ${name}_resident_bytes gauge`,
      `${name}_resident_bytes ${process.memoryUsage.rss()}`,
      `# TYPE ${name}_request_seconds histogram`,
    ]
    for (const [path, { below, sum, count }] of this.#buckets) {
      for (const [at, most] of BUCKETS.entries())
        lines.push(`${name}_request_seconds_bucket{path="${path}",le="${most}"} ${below[at]}`)
      lines.push(`${name}_request_seconds_bucket{path="${path}",le="+Inf"} ${count}`)
      lines.push(`${name}_request_seconds_sum{path="${path}"} ${sum}`, `${name}_request_seconds_count{path="${path}"} ${count}`)
    }
    return `${lines.join('\n')}\n`
  }
}
