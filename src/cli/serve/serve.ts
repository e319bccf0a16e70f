import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { basename } from 'node:path'
import { serve } from '@hono/node-server'
import { InvalidArgumentError } from '../../core/errors.js'
import { parseCommand, wholeNumber } from '../arguments.js'
import { requireFile } from '../files.js'
import type { Output } from '../output.js'
import { buildTable } from './build-table.js'
import { loadLance } from './lancedb.js'
import { PaperTable } from './paper-table.js'
import { type ServiceOptions, tableService } from './service.js'

export const serveUsage = `specter2-web serve --table <name.lance> [options]

Answers searches of RemoteIndex over a LanceDB table, for corpora that outgrow a page. Pages embed their queries themselves; the
service gets vectors and words, reads the table and never writes it. Needs: npm install @lancedb/lancedb apache-arrow

  --table FOLDER     the table, such as data/papers.lance
  --build FILE       builds the table first, from Parquet of \`specter2-web embed\` or any file of papers with vectors; may be repeated
  --build-only       ends when the table is built
  --host HOST        default 127.0.0.1, which only this machine reaches
  --port N           default 8765; 0 takes a free one
  --origin ORIGIN    whose pages may ask, such as https://example.org; may be repeated; * is any. Default: none
  --key-file FILE    its first line must come with each request; also SPECTER2_WEB_KEY. /health needs none
  --searches N       at once; default 8. 64 more may wait, others get 503`

/** Slow clients lose their connection after this many milliseconds. */
const [HEADERS_MS, REQUEST_MS, IDLE_MS] = [5_000, 15_000, 30_000]
const MAX_CONNECTIONS = 1_024

/** Serves until the signal aborts. */
export async function serveCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseCommand(args, {
    table: { type: 'string' },
    build: { type: 'string', multiple: true, default: [] },
    'build-only': { type: 'boolean', default: false },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8765' },
    origin: { type: 'string', multiple: true, default: [] },
    'key-file': { type: 'string' },
    searches: { type: 'string', default: '8' },
  })
  if (positionals.length > 0) throw new InvalidArgumentError('argument', positionals[0], 'an option')
  if (values.table === undefined) throw new InvalidArgumentError('--table', undefined, 'the folder of a table')
  for (const origin of values.origin) checkOrigin(origin)
  const options = {
    origins: values.origin,
    key: await keyOf(values['key-file']),
    concurrency: wholeNumber('--searches', values.searches, 1),
    waiting: 64,
  }
  const port = wholeNumber('--port', values.port, 0)
  const lance = await loadLance()
  if (values.build.length > 0) {
    for (const file of values.build) await requireFile('--build', file)
    const files = await Promise.all(
      values.build.map(async (path) => ({
        name: basename(path),
        size: (await stat(path)).size,
        stream: () => createReadStream(path),
      })),
    )
    const { rows, vectors, model } = await buildTable(
      lance,
      values.table,
      files,
      (done) => output.showProgress('table', `${done} papers`),
      signal,
    )
    output.print(`${values.table}: ${rows} papers, ${vectors} vectors of ${model.id}, ${model.dimension} numbers each`)
  }
  if (values['build-only']) return
  const table = await PaperTable.open(lance, values.table)
  const { url, closed } = await startService(table, { ...options, host: values.host, port }, signal)
  output.print(`${table.info.papers} papers at ${url}`)
  await closed
}

/** Starts the service. It closes when the signal aborts, after the answers that are being sent. */
export async function startService(
  table: Pick<PaperTable, 'info' | 'search' | 'get'>,
  { host, port, ...options }: ServiceOptions & { host: string; port: number },
  signal: AbortSignal,
): Promise<{ url: string; closed: Promise<void> }> {
  const app = tableService(table, options)
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: app.fetch, hostname: host, port, serverOptions: { maxHeaderSize: 8_192, connectionsCheckingInterval: 2_000 } },
      (address) => {
        const closed = new Promise<void>((done) => server.on('close', done))
        const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
        resolve({ url: `http://${name}:${address.port}`, closed })
      },
    ) as Server
    server.headersTimeout = HEADERS_MS
    server.requestTimeout = REQUEST_MS
    server.keepAliveTimeout = HEADERS_MS
    server.maxConnections = MAX_CONNECTIONS
    server.setTimeout(IDLE_MS)
    server.on('error', reject)
    signal.addEventListener('abort', () => {
      server.close()
      server.closeIdleConnections()
    })
  })
}

function checkOrigin(origin: string): void {
  if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin))
    throw new InvalidArgumentError('--origin', origin, 'an origin such as https://example.org, or *')
}

async function keyOf(file: string | undefined): Promise<string | null> {
  const text = file === undefined ? process.env.SPECTER2_WEB_KEY : await readFile(file, 'utf8').catch(() => null)
  if (text === undefined) return null
  const key = text?.split('\n')[0]?.trim()
  if (!key) throw new InvalidArgumentError('--key-file', file ?? 'SPECTER2_WEB_KEY', 'a file whose first line is the key')
  return key
}
