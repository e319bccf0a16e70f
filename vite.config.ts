import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { layoutWasm } from './build/layout-wasm.mjs'
import { aliases, runtimeFiles, runtimeFolder } from './build/runtime.mjs'
import { targets } from './build/targets.mjs'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Threads in WASM need an isolated page. */
const isolationHeaders = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** `ort/` under the demo's own URL, in development and in the build. */
function runtimeAssets(): Plugin {
  return {
    name: 'runtime-assets',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = request.url?.split('?')[0]
        const name = runtimeFiles.find((file) => path === `/ort/${file}`)
        if (name) request.url = `/@fs${join(runtimeFolder, name)}`
        else if (path === '/ort/transformers.js') request.url = `/@fs${at('src/engine/transformers-runtime.ts')}`
        else if (path === '/ort/convert.js') request.url = `/@fs${at('src/workers/embed/conversion.ts')}`
        next()
      })
    },
    // Before the service worker gets the files' hashes.
    async generateBundle({ dir }) {
      await targets.ort(join(dir!, 'ort'))
    },
  }
}

/** What the page has to know of the models that are served with it, of each folder that has a manifest. */
function servedModels() {
  const folder = at('public/models')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.flatMap((name) => {
    const path = join(folder, name, 'manifest.json')
    if (!existsSync(path)) return []
    const { id, license, files, dtypes, adapters, defaultAdapter } = JSON.parse(readFileSync(path, 'utf8'))
    // The first of these is what WASM takes, and most readers have that.
    const { graph, cpuGraph, data } = dtypes.q8 ?? dtypes.q4 ?? Object.values(dtypes)[0]
    const adapter = adapters[defaultAdapter]
    const needed = [cpuGraph ?? graph, data, 'tokenizer.json', adapter?.half ?? adapter?.file]
    const bytes = needed.reduce((sum, file) => sum + (files[file]?.bytes ?? 0), 0)
    return [{ path: `models/${name}`, id, license, bytes, adapters: ['base', ...Object.keys(adapters)], defaultAdapter }]
  })
}

/** `models/index.json`: what can be chosen without asking a host for a list, which static ones do not give. */
function modelsIndex(): Plugin {
  return {
    name: 'models-index',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (request.url?.split('?')[0] !== '/models/index.json') return next()
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(servedModels()))
      })
    },
    writeBundle({ dir }) {
      mkdirSync(join(dir!, 'models'), { recursive: true })
      writeFileSync(join(dir!, 'models/index.json'), JSON.stringify(servedModels(), null, 1))
    },
  }
}

const serviceWorker = 'service-worker'

/** Writes into the service worker which files are the app, and a version that changes with any of them. */
function appFiles(): Plugin {
  const own = ['icon.svg', 'app.webmanifest']
  return {
    name: 'app-files',
    enforce: 'post',
    writeBundle({ dir }) {
      const list = (folder: string): string[] =>
        readdirSync(join(dir!, folder), { withFileTypes: true }).flatMap((entry) => {
          const path = folder === '' ? entry.name : `${folder}/${entry.name}`
          return entry.isDirectory() ? list(path) : [path]
        })
      const paths = list('').filter((path) => /^(assets\/|[^/]+\.html$)/.test(path) || own.includes(path))
      const hashOf = (files: readonly string[]) => {
        const hash = createHash('sha256')
        for (const path of files) hash.update(path).update(readFileSync(join(dir!, path)))
        return hash.digest('hex').slice(0, 12)
      }
      const { version } = JSON.parse(readFileSync(join(runtimeFolder, '../package.json'), 'utf8'))
      const file = join(dir!, `${serviceWorker}.js`)
      const values = {
        __APP_FILES__: JSON.stringify(paths),
        __APP_VERSION__: JSON.stringify(hashOf(paths.sort())),
        __RUNTIME_VERSION__: JSON.stringify(version),
        __SCRIPTS_VERSION__: JSON.stringify(hashOf(['ort/transformers.js', 'ort/convert.js'])),
      }
      let code = readFileSync(file, 'utf8')
      for (const [name, value] of Object.entries(values)) code = code.replaceAll(name, value)
      writeFileSync(file, code)
    },
  }
}

/**
 * A page on the library's sources, and the service worker that stores and isolates it. `--mode hub`, run before, builds the page
 * that may ask the hub: in one build the two would share their modules in a dozen small files, and the first load would be larger.
 */
export default defineConfig(({ mode }) => ({
  root: at('demo'),
  base: './',
  publicDir: at('public'),
  build: {
    outDir: at('dist-demo'),
    emptyOutDir: mode === 'hub',
    copyPublicDir: mode !== 'hub',
    rolldownOptions: {
      input:
        mode === 'hub'
          ? { hub: at('demo/hub.html') }
          : { index: at('demo/index.html'), [serviceWorker]: at('demo/offline/service-worker.ts') },
      // The service worker's URL is its identity, and its folder is what it serves: no hash, and beside the page.
      output: {
        entryFileNames: ({ name }) => (name === serviceWorker ? '[name].js' : 'assets/[name]-[hash].js'),
        // What the page loads first is one file.
        codeSplitting: {
          groups: [{ name: 'page', tags: ['$initial'], test: (id: string) => !id.includes(serviceWorker) }],
        },
      },
    },
  },
  // One file for each worker: build/targets.mjs says why.
  worker: { format: 'es', plugins: () => [layoutWasm()], rolldownOptions: { output: { codeSplitting: false } } },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
  plugins: mode === 'hub' ? [] : [runtimeAssets(), modelsIndex(), appFiles()],
  resolve: { alias: aliases(mode === 'test' ? 'node' : 'browser') },
  test: {
    root: at('.'),
    include: ['{src,demo,testing}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['**/testing.ts', 'src/core/kernels/assembly'],
      reporter: [[at('build/coverage-by-folder.cjs'), {}]],
      reportsDirectory: at('test-results/coverage'),
    },
  },
}))
