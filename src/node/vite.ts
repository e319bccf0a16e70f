import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Plugin } from 'vite'
import { type AssetsOptions, listAssets, writeAssets } from './assets.js'

/** Options of {@link specter2Web}. */
export interface Specter2WebOptions extends Pick<AssetsOptions, 'only' | 'model' | 'dtypes' | 'from'> {
  /** Folder in the app, below its base. Default `specter2-web`, where createEmbedder() looks if it gets no `assets`. */
  folder?: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * A Vite plugin in place of `specter2-web assets`: serves workers, runtime and default model in development, and writes them into
 * the build. They are always those of the installed version.
 *
 *     // vite.config.js
 *     import { specter2Web } from 'specter2-web/vite'
 *     export default { plugins: [specter2Web()] }
 *
 * @throws Specter2Error `DOWNLOAD_FAILED` or `UNSUPPORTED`, as `specter2-web assets`, when the server or the build starts.
 */
export function specter2Web({ folder = 'specter2-web', ...options }: Specter2WebOptions = {}): Plugin {
  return {
    name: 'specter2-web',
    async configureServer({ config, middlewares }) {
      const prefix = `${new URL(config.base, 'http://localhost').pathname}${folder}/`
      const assets = await listAssets({ ...options, tell: (line) => config.logger.info(line) })
      middlewares.use((request, response, next) => {
        const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
        const asset = path.startsWith(prefix) ? assets.get(path.slice(prefix.length)) : undefined
        if (!asset) return next()
        response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream')
        for (const [name, value] of Object.entries(config.server.headers ?? {}))
          if (value !== undefined) response.setHeader(name, value)
        if ('text' in asset) return void response.end(asset.text)
        stat(asset.source).then(({ size }) => {
          response.setHeader('content-length', size)
          createReadStream(asset.source).pipe(response)
        }, next)
      })
    },
    async writeBundle({ dir }) {
      // A server's build serves nothing.
      if (dir === undefined || this.environment.name !== 'client') return
      await writeAssets(join(dir, folder), { ...options, tell: (line) => this.info(line) })
    },
  }
}
