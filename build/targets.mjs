import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { TIERS } from '../src/core/kernels/assembly/encoder/tiles.mjs'
import { compileLimit } from './compile-kernels.mjs'
import { layoutWasm } from './layout-wasm.mjs'
import { aliases, copyRuntime, NOT_BUNDLED } from './runtime.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Everything that is built except the page, which `vite build` makes, and the page side of the package, which `tsc` makes. */
export const targets = {
  /** `dist/workers/embed.js`, which accepts no other runtime than the one that is built with it. */
  async embed() {
    const stamp = await targets.ort()
    await worker('embed', { __RUNTIME_STAMP__: JSON.stringify(stamp) })
  },
  /**
   * What a worker loads only if it needs it, each script in one file: transformers.js with the runtime's files, and what converts
   * models. The demo has a copy.
   *
   * @returns What identifies these files.
   */
  async ort(folder = join(root, 'build/packages/runtime/ort')) {
    rmSync(folder, { recursive: true, force: true })
    const parts = copyRuntime(folder)
    await singleFile('src/engine/transformers-runtime.ts', folder, 'transformers', { __RUNTIME_PARTS__: JSON.stringify(parts) })
    await singleFile('src/workers/embed/conversion.ts', folder, 'convert', { __RUNTIME_STAMP__: "'__RUNTIME_STAMP__'" })
    const scripts = ['transformers.js', 'convert.js'].map((name) => join(folder, name))
    const hash = createHash('sha256')
    for (const file of scripts) hash.update(readFileSync(file))
    const stamp = hash.digest('hex')
    for (const file of scripts) writeFileSync(file, readFileSync(file, 'utf8').replaceAll('__RUNTIME_STAMP__', stamp))
    return stamp
  },
  library: () => worker('library'),
  papers: () => worker('papers'),
  heads: () => worker('heads'),
  /** The service worker that isolates an app's page, a script for the page's folder. */
  isolation: () =>
    bundle({
      build: {
        outDir: 'dist',
        lib: { entry: join(root, 'src/workers/isolation.ts'), formats: ['es'], fileName: 'isolation-worker' },
      },
    }),
  /** The threads of the embedder in Node. */
  node: () => command('src/node/embed-worker.ts', 'dist/node-worker.js'),
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
    mkdirSync(join(root, 'dist-bench/page/limits'))
    for (const tier of TIERS) writeFileSync(join(root, `dist-bench/page/limits/${tier}.wasm`), await compileLimit(tier))
    await targets.ort(join(root, 'dist-bench/page/ort'))
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
 * default format for them, `iife`, has none). Its map is not named in it: bundlers would look for the sources, which are not shipped.
 *
 * @param {string} name
 * @param {Record<string, string>} [define]
 */
async function worker(name, define = {}) {
  await singleFile(`src/workers/${name}.ts`, 'dist/workers', name, define, 'hidden')
  const file = join(root, `dist/workers/${name}.js.map`)
  // Files and lines are enough to read a stack; the sources would make the package half as large again.
  const { sourcesContent: _, ...map } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify(map))
}

/**
 * @param {string} entry
 * @param {string} outDir
 * @param {string} fileName Without `.js`.
 * @param {Record<string, string>} [define] Constants that the code may ask for.
 * @param {'hidden' | false} [sourcemap]
 */
const singleFile = (entry, outDir, fileName, define = {}, sourcemap = false) =>
  bundle({
    define,
    build: {
      outDir,
      sourcemap,
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
        rolldownOptions: {
          output: {
            entryFileNames: basename(file),
            codeSplitting: false,
            minify: { compress: true, mangle: false, codegen: false },
          },
        },
      },
      ssr: {
        noExternal: true,
        external: NOT_BUNDLED,
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
