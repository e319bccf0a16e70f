/**
 * What the protocol of a worker is made of: types only. A protocol is an interface of methods, each with one request and, if the
 * worker sends something while the call is under way, a {@link Report}:
 *
 *     interface LibraryProtocol {
 *       search(request: SearchRequest): Hit[]
 *       export(format: ExportFormat, report: Report<IndexProgress>): Blob
 *     }
 *
 * The page calls `client.call('search', request, { signal })`, the worker answers with `serve<LibraryProtocol>({ search: … })`.
 */
import type { ErrorCode, ErrorDetails } from '../../core/errors.js'

/** Sends something to the caller while its call is under way. Resolves when the caller has dealt with it. */
export type Report<T> = (value: T) => Promise<void>

type ArgumentsOf<Method> = Method extends (...args: infer Arguments) => unknown ? Arguments : never

export type RequestOf<Method> = ArgumentsOf<Method>[0]
export type ReportOf<Method> = ArgumentsOf<Method>[1] extends Report<infer T> ? T : never
export type ResultOf<Method> = Method extends (...args: never[]) => infer Result ? Result : never

/** What a worker's method gets besides its request. */
export interface CallContext<T> {
  /** Aborts when the caller gives up. */
  readonly signal: AbortSignal
  /** Everything reported arrives before the answer. */
  readonly report: Report<T>
}

/** The methods of a protocol as a worker implements them. */
export type Service<Protocol> = {
  [Name in keyof Protocol]: (
    request: RequestOf<Protocol[Name]>,
    context: CallContext<ReportOf<Protocol[Name]>>,
  ) => ResultOf<Protocol[Name]> | Promise<ResultOf<Protocol[Name]>>
}

/** What comlink carries, whatever the protocol. `id` names a call, so that it can be cancelled. */
export interface Endpoint {
  /** @returns `lock`: the Web Lock that the worker holds while it lives; `null` if the browser has no Web Locks. `version`: of its script. */
  hello(): Promise<{ lock: string | null; version: string }>
  call(id: number, method: string, request: unknown, report: Report<unknown> | null): Promise<Settled>
  cancel(id: number): void
}

/** How a call ended. Errors cross as values, so that they keep their code. */
export type Settled = { value: unknown } | { error: WireError }

/** An error as it crosses the boundary. */
export interface WireError {
  name: string
  message: string
  stack: string | undefined
  /** `null` for anything but a Specter2Error. */
  code: ErrorCode | null
  retryable: boolean
  details: ErrorDetails
  /** Of an InvalidArgumentError. */
  field: string | null
}
