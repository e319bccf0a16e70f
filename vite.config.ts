import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin, UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The runtime's own files, which a page loads from `ort/` beside the worker: those of its device alone. */
const runtimeFolder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
const runtimeFiles = ['', '.jspi', '.asyncify'].flatMap((build) =>
  ['mjs', 'wasm'].map((extension) => `ort-wasm-simd-threaded${build}.${extension}`),
)

/**
 * transformers.js has a build for Node that loads native code; the web build runs everywhere on the runtime that it is
 * handed. Its own import of the WebGPU runtime is dead code then. In a page the runtime's script takes the files of either
 * device; in Node there is WASM alone.
 */
const alias = (isNode: boolean) => [
  { find: /^@huggingface\/transformers$/, replacement: at('node_modules/@huggingface/transformers/dist/transformers.web.js') },
  // Of embedding-atlas, the layout alone: its package has no entry for that.
  { find: /^embedding-atlas$/, replacement: at('node_modules/embedding-atlas/dist/umap.js') },
  { find: /^onnxruntime-web\/webgpu$/, replacement: join(runtimeFolder, `ort.${isNode ? 'wasm' : 'webgpu'}.min.mjs`) },
]

/** Threads in WASM need an isolated page. */
const isolationHeaders = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** `ort/` under the demo's own URL, in development and in the build. */
function runtimeAssets(): Plugin {
  return {
    name: 'runtime-assets',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const name = runtimeFiles.find((file) => request.url?.split('?')[0] === `/ort/${file}`)
        if (name) request.url = `/@fs${join(runtimeFolder, name)}`
        next()
      })
    },
    writeBundle({ dir }) {
      copyRuntime(join(dir!, 'ort'))
    },
  }
}

function copyRuntime(folder: string) {
  mkdirSync(folder, { recursive: true })
  for (const file of runtimeFiles) copyFileSync(join(runtimeFolder, file), join(folder, file))
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

/**
 * The WASM of the map's layout comes inside its script, as a `data:` URL that a strict policy does not let it fetch. Here it becomes a
 * file of the page's own, a quarter smaller.
 */
function layoutWasm(): Plugin {
  const inline = /new URL\("data:application\/wasm;base64,([^"]+)", import\.meta\.url\)/
  return {
    name: 'layout-wasm',
    apply: 'build',
    transform(code, id) {
      if (!id.includes('/embedding-atlas/dist/')) return null
      const base64 = code.match(inline)?.[1]
      if (!base64) return null
      const file = this.emitFile({ type: 'asset', name: 'umap.wasm', source: Buffer.from(base64, 'base64') })
      return { code: code.replace(inline, `new URL(import.meta.ROLLUP_FILE_URL_${file})`), map: null }
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
      const hash = createHash('sha256')
      for (const path of paths.sort()) hash.update(path).update(readFileSync(join(dir!, path)))
      const { version } = JSON.parse(readFileSync(join(runtimeFolder, '../package.json'), 'utf8'))
      const file = join(dir!, `${serviceWorker}.js`)
      const values = {
        __APP_FILES__: JSON.stringify(paths),
        __APP_VERSION__: JSON.stringify(hash.digest('hex').slice(0, 12)),
        __RUNTIME_VERSION__: JSON.stringify(version),
      }
      let code = readFileSync(file, 'utf8')
      for (const [name, value] of Object.entries(values)) code = code.replaceAll(name, value)
      writeFileSync(file, code)
    },
  }
}

/**
 * One file for each worker. A chunk that is loaded later may import from the worker's entry: WebKit evaluates that again, and two
 * services answer every call.
 */
const wholeWorkers = { output: { codeSplitting: false } }

/** The demo: a page on the library's sources, one that may ask the hub, and the service worker that keeps and isolates both. */
const demo = (): UserConfig => ({
  root: at('demo'),
  base: './',
  publicDir: at('public'),
  build: {
    outDir: at('dist-demo'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        index: at('demo/index.html'),
        hub: at('demo/hub.html'),
        [serviceWorker]: at('demo/offline/service-worker.ts'),
      },
      // Its URL is its identity, and its folder what it serves: no hash, and beside the page.
      output: { entryFileNames: ({ name }) => (name === serviceWorker ? '[name].js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es', plugins: () => [layoutWasm()], rolldownOptions: wholeWorkers },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
  plugins: [runtimeAssets(), modelsIndex(), appFiles()],
})

/** The page's views alone, with data of the tests'. */
const views = (): UserConfig => ({
  root: at('e2e/views'),
  base: './',
  publicDir: false,
  build: { outDir: at('test-results/work/views'), emptyOutDir: true },
  worker: { format: 'es', plugins: () => [layoutWasm()], rolldownOptions: wholeWorkers },
})

/** The embed worker, one file with all that it needs, and what lies beside it. The page side is built by tsc. */
const worker = (): UserConfig => ({
  publicDir: false,
  build: {
    outDir: at('dist/workers'),
    emptyOutDir: false,
    lib: { entry: at('src/workers/embed.ts'), formats: ['es'], fileName: 'embed' },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
  plugins: [
    {
      name: 'package-assets',
      closeBundle() {
        copyRuntime(at('dist/ort'))
        if (existsSync(at('public/models'))) cpSync(at('public/models'), at('dist/models'), { recursive: true })
      },
    },
  ],
})

/**
 * A worker beside it, one file too: an app's bundler may know no other (Vite's default for workers, `iife`, is refused where they
 * have chunks).
 */
const besideWorker = (name: string) => (): UserConfig => ({
  publicDir: false,
  build: {
    outDir: at('dist/workers'),
    emptyOutDir: false,
    lib: { entry: at(`src/workers/${name}.ts`), formats: ['es'], fileName: name },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
})

/** The service worker for apps, a script for their page's folder. */
const isolation = (): UserConfig => ({
  publicDir: false,
  build: {
    outDir: at('dist'),
    emptyOutDir: false,
    lib: { entry: at('src/workers/isolation.ts'), formats: ['es'], fileName: 'isolation-worker' },
  },
})

/** A command for Node, one file. */
const node = (entry: string, file: string): UserConfig => ({
  publicDir: false,
  build: {
    ssr: at(entry),
    outDir: dirname(at(file)),
    emptyOutDir: false,
    target: 'node20',
    rolldownOptions: { output: { entryFileNames: basename(file), codeSplitting: false } },
  },
  ssr: {
    noExternal: true,
    external: ['vite', '@playwright/test', '@citation-js/core', '@citation-js/plugin-bibtex', '@citation-js/plugin-ris'],
  },
})

const builds: Readonly<Record<string, () => UserConfig>> = {
  worker,
  library: besideWorker('library'),
  papers: besideWorker('papers'),
  isolation,
  views,
  node: () => node('src/cli/main.ts', 'dist/cli.js'),
  bench: () => node('bench/main.ts', 'dist-bench/main.js'),
}

export default defineConfig(({ mode }) => ({
  ...(builds[mode] ?? demo)(),
  resolve: { alias: alias(['node', 'bench', 'test'].includes(mode)) },
  test: { root: at('.'), include: ['{src,demo}/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
}))
