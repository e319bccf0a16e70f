import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { TIERS } from '../src/core/kernels/assembly/encoder/tiles.mjs'
import { compileLimit } from './compile-kernels.mjs'
import { layoutWasm } from './layout-wasm.mjs'
import { aliases, copyRuntime } from './runtime.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Everything that is built except the page, which `vite build` makes, and the page side of the package, which `tsc` makes. */
export const targets = {
  /** `dist/workers/embed.js`, and beside `workers` what it loads: the runtime and the package's own model. */
  async embed() {
    await worker('embed')
    await targets.ort()
    const models = join(root, 'public/models')
    if (existsSync(models)) cpSync(models, join(root, 'dist/models'), { recursive: true })
  },
  /** The runtime: transformers.js, in one file since it is loaded by a worker, and what that loads. The demo has a copy. */
  async ort(folder = 'dist/ort') {
    await singleFile('src/engine/transformers-runtime.ts', folder, 'transformers')
    copyRuntime(resolve(root, folder))
  },
  library: () => worker('library'),
  papers: () => worker('papers'),
  /** The service worker that isolates an app's page, a script for the page's folder. */
  isolation: () =>
    bundle({
      build: {
        outDir: 'dist',
        lib: { entry: join(root, 'src/workers/isolation.ts'), formats: ['es'], fileName: 'isolation-worker' },
      },
    }),
  /** The package's command line and the script of its threads. Tests build a copy into a folder of theirs. */
  async cli(file = 'dist/cli.js') {
    await command('src/cli/main.ts', file)
    await command('src/cli/encoder-thread.ts', join(dirname(file), 'encoder-thread.js'))
  },
  /** The benchmarks: their command, and their page, whose peers are built as any app builds them, without our aliases. */
  async bench() {
    await command('bench/main.ts', 'dist-bench/main.js')
    await bundle({
      root: join(root, 'bench/page'),
      base: './',
      resolve: {},
      build: { outDir: join(root, 'dist-bench/page'), emptyOutDir: true },
      worker: { format: 'es' },
    })
    await targets.ort('dist-bench/page/ort')
    mkdirSync(join(root, 'dist-bench/page/limits'))
    for (const tier of TIERS) writeFileSync(join(root, `dist-bench/page/limits/${tier}.wasm`), await compileLimit(tier))
  },
  /** The page's views on the tests' data. */
  views: () =>
    bundle({
      root: join(root, 'e2e/views'),
      base: './',
      build: { outDir: join(root, 'test-results/work/views'), emptyOutDir: true },
      worker: { format: 'es', plugins: () => [layoutWasm()], rolldownOptions: { output: { codeSplitting: false } } },
    }),
}

/**
 * A worker of the package, in one file with all that it needs. A chunk that is loaded later may import from the worker's entry: WebKit
 * evaluates the entry again, and two services answer every call. An app's bundler may not support chunks in workers either (Vite's
 * default format for them, `iife`, has none).
 *
 * @param {string} name
 */
const worker = (name) => singleFile(`src/workers/${name}.ts`, 'dist/workers', name)

/**
 * @param {string} entry
 * @param {string} outDir
 * @param {string} fileName Without `.js`.
 */
const singleFile = (entry, outDir, fileName) =>
  bundle({
    build: {
      outDir,
      lib: { entry: join(root, entry), formats: ['es'], fileName },
      rolldownOptions: { output: { codeSplitting: false, minify: true } },
    },
  })

/**
 * A command for Node, in one file.
 *
 * @param {string} entry
 * @param {string} file
 */
const command = (entry, file) =>
  bundle(
    {
      build: {
        ssr: join(root, entry),
        outDir: dirname(file),
        target: 'node20',
        rolldownOptions: { output: { entryFileNames: basename(file), codeSplitting: false } },
      },
      ssr: {
        noExternal: true,
        external: ['vite', '@playwright/test', '@citation-js/core', '@citation-js/plugin-bibtex', '@citation-js/plugin-ris'],
      },
    },
    'node',
  )

/**
 * @param {import('vite').UserConfig} config
 * @param {'browser' | 'node'} side
 */
const bundle = ({ build: options, ...config }, side = 'browser') =>
  build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    resolve: { alias: aliases(side) },
    ...config,
    build: { emptyOutDir: false, ...options },
  })
