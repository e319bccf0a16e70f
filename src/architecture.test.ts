import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const src = fileURLToPath(new URL('.', import.meta.url))

interface Part {
  /** Folders and files of `src` that it may import, besides itself. All stand above it in the table: imports go one way. */
  imports: readonly string[]
  packages: readonly string[]
  /** Knows neither page nor worker nor Node: nothing but the language and its typed arrays, streams and text codecs. */
  pure?: true
}

/** The layers: every folder and file of `src`, lowest first. A new one is added here. */
const PARTS: Readonly<Record<string, Part>> = {
  'errors.ts': { imports: [], packages: [], pure: true },
  'types.ts': { imports: [], packages: [], pure: true },
  'cores.ts': { imports: [], packages: [], pure: true },
  'pauses.ts': { imports: [], packages: [], pure: true },
  'waiting.ts': { imports: ['errors.ts'], packages: [] },
  'storage-error.ts': { imports: ['errors.ts'], packages: [] },
  'macrotask.ts': { imports: [], packages: [] },
  'writers-lock.ts': { imports: [], packages: [] },
  'indexes.ts': { imports: ['storage-error.ts', 'waiting.ts'], packages: [] },
  papers: { imports: ['errors.ts', 'pauses.ts', 'types.ts'], packages: ['entities', 'fflate', 'saxes'], pure: true },
  kernels: { imports: ['errors.ts'], packages: [], pure: true },
  dedup: {
    imports: ['errors.ts', 'kernels/multiply-transposed.ts', 'papers', 'pauses.ts'],
    packages: ['fastest-levenshtein'],
    pure: true,
  },
  checkpoint: { imports: ['errors.ts'], packages: [], pure: true },
  model: { imports: ['errors.ts', 'storage-error.ts', 'types.ts', 'waiting.ts'], packages: ['@noble/hashes', 'idb-keyval'] },
  convert: {
    imports: ['checkpoint', 'errors.ts', 'model/manifest.ts', 'model/normalize.ts', 'model/sha256.ts', 'types.ts'],
    packages: [],
    pure: true,
  },
  hub: {
    imports: [
      'checkpoint',
      'convert/model-config.ts',
      'errors.ts',
      'model/model-source.ts',
      'model/read-stream.ts',
      'types.ts',
      'waiting.ts',
    ],
    packages: ['@huggingface/hub', '@noble/hashes'],
  },
  evaluation: { imports: [], packages: [], pure: true },
  search: { imports: ['errors.ts', 'kernels', 'types.ts'], packages: ['minisearch', 'stemmer'], pure: true },
  // Both sides of the worker's boundary.
  'protocol.ts': { imports: ['errors.ts', 'model', 'types.ts'], packages: [], pure: true },
  'library-protocol.ts': { imports: ['papers', 'protocol.ts', 'types.ts'], packages: [], pure: true },
  'papers-protocol.ts': { imports: ['papers', 'protocol.ts'], packages: [], pure: true },
  'wire-errors.ts': { imports: ['errors.ts', 'protocol.ts'], packages: [], pure: true },
  'worker-calls.ts': { imports: ['protocol.ts', 'wire-errors.ts'], packages: [], pure: true },
  moves: {
    imports: ['errors.ts', 'library-protocol.ts', 'model/sha256.ts', 'papers'],
    packages: ['hyparquet-writer'],
    pure: true,
  },
  // The workers' side.
  engine: {
    imports: [
      'checkpoint',
      'convert/runtime.ts',
      'cores.ts',
      'errors.ts',
      'macrotask.ts',
      'model',
      'protocol.ts',
      'types.ts',
      'waiting.ts',
      'worker-calls.ts',
    ],
    packages: ['@huggingface/tokenizers', '@huggingface/transformers', 'onnxruntime-web'],
  },
  conversion: {
    imports: [
      'checkpoint',
      'convert',
      'cores.ts',
      'engine/conversion-runtime.ts',
      'errors.ts',
      'hub',
      'model',
      'protocol.ts',
      'types.ts',
      'wire-errors.ts',
    ],
    packages: [],
  },
  library: {
    imports: [
      'errors.ts',
      'indexes.ts',
      'kernels/scan-threads.ts',
      'library-protocol.ts',
      'macrotask.ts',
      'model/sha256.ts',
      'moves',
      'papers',
      'protocol.ts',
      'search',
      'storage-error.ts',
      'types.ts',
      'waiting.ts',
      'worker-calls.ts',
      'writers-lock.ts',
    ],
    packages: ['idb'],
  },
  'papers-service.ts': { imports: ['papers', 'papers-protocol.ts', 'protocol.ts', 'worker-calls.ts'], packages: [] },
  workers: {
    imports: [
      'conversion',
      'cores.ts',
      'engine',
      'kernels/scan-threads.ts',
      'library',
      'library-protocol.ts',
      'model',
      'papers-protocol.ts',
      'papers-service.ts',
      'protocol.ts',
    ],
    packages: ['comlink'],
  },
  // The page's side. It names the worker by its URL alone.
  'worker-client.ts': { imports: ['errors.ts', 'waiting.ts', 'protocol.ts', 'wire-errors.ts'], packages: ['comlink'] },
  'worker-pool.ts': {
    imports: ['cores.ts', 'errors.ts', 'protocol.ts', 'types.ts', 'waiting.ts', 'worker-client.ts'],
    packages: ['comlink'],
  },
  'options.ts': {
    imports: ['errors.ts', 'hub/published-models.ts', 'protocol.ts', 'types.ts', 'worker-client.ts'],
    packages: [],
  },
  'convert-in-worker.ts': {
    imports: ['errors.ts', 'waiting.ts', 'protocol.ts', 'options.ts', 'worker-client.ts'],
    packages: ['comlink'],
  },
  'model-opener.ts': {
    imports: ['convert-in-worker.ts', 'options.ts', 'types.ts', 'worker-client.ts', 'worker-pool.ts'],
    packages: [],
  },
  'embedder.ts': {
    imports: ['errors.ts', 'model-opener.ts', 'model/open-model.ts', 'options.ts', 'protocol.ts', 'types.ts', 'worker-pool.ts'],
    packages: ['comlink'],
  },
  'library-client.ts': { imports: ['library-protocol.ts', 'worker-client.ts'], packages: [] },
  'model-stamp.ts': { imports: ['embedder.ts', 'library-protocol.ts'], packages: [] },
  'query-vectors.ts': { imports: ['library-protocol.ts', 'model-stamp.ts'], packages: [] },
  'paper-records.ts': {
    imports: ['library-protocol.ts', 'papers', 'search/row-set.ts', 'worker-client.ts'],
    packages: ['comlink'],
  },
  'index-options.ts': {
    imports: ['embedder.ts', 'errors.ts', 'library-protocol.ts', 'papers', 'worker-client.ts'],
    packages: [],
  },
  'embed-pending.ts': {
    imports: ['errors.ts', 'index-options.ts', 'library-protocol.ts', 'model-stamp.ts', 'worker-client.ts'],
    packages: ['comlink'],
  },
  'paper-index.ts': {
    imports: [
      'embed-pending.ts',
      'embedder.ts',
      'errors.ts',
      'index-options.ts',
      'indexes.ts',
      'library-client.ts',
      'library-protocol.ts',
      'model-stamp.ts',
      'paper-records.ts',
      'papers',
      'protocol.ts',
      'query-vectors.ts',
      'search/rocchio.ts',
      'types.ts',
      'waiting.ts',
      'worker-client.ts',
      'writers-lock.ts',
    ],
    packages: ['comlink'],
  },
  'cached-models.ts': { imports: ['model/downloads.ts', 'model/idb-cache.ts', 'model/model-cache.ts'], packages: [] },
  'dropped-files.ts': { imports: [], packages: [] },
  'papers-in-worker.ts': { imports: ['errors.ts', 'papers', 'papers-protocol.ts', 'worker-client.ts'], packages: ['comlink'] },
  'index.ts': {
    imports: [
      'cached-models.ts',
      'dropped-files.ts',
      'embedder.ts',
      'errors.ts',
      'index-options.ts',
      'library-protocol.ts',
      'model/model-cache.ts',
      'model/open-model.ts',
      'moves/npy.ts',
      'options.ts',
      'paper-index.ts',
      'papers',
      'papers-in-worker.ts',
      'types.ts',
      'worker-client.ts',
      'worker-pool.ts',
    ],
    packages: [],
  },
  // Node's side.
  cli: {
    imports: [
      'checkpoint',
      'convert',
      'dedup',
      'engine',
      'errors.ts',
      'evaluation',
      'hub',
      'index.ts',
      'library-protocol.ts',
      'model',
      'moves',
      'papers',
      'search',
      'types.ts',
      'waiting.ts',
    ],
    packages: [],
  },
}

/** The sole importers of packages that must not spread. */
const SOLE_IMPORTERS: Readonly<Record<string, string | readonly string[]>> = {
  '@huggingface/hub': 'hub/hub-client.ts',
  '@huggingface/transformers': 'engine/load-model.ts',
  'onnxruntime-web': ['engine/conversion-runtime.ts', 'engine/load-model.ts'],
  '@huggingface/tokenizers': 'engine/tokenizer.ts',
  idb: 'library/idb-index-store.ts',
  'idb-keyval': 'model/idb-cache.ts',
  'hyparquet-writer': 'moves/parquet.ts',
  minisearch: 'search/lexical-index.ts',
  stemmer: 'search/words.ts',
  '@noble/hashes': ['hub/file-hash.ts', 'model/sha256.ts'],
  entities: 'papers/text/clean-text.ts',
  fflate: 'papers/unpack.ts',
  saxes: 'papers/xml/read-xml.ts',
}

interface Import {
  /** A file of `src` by its path, or a package by its name. */
  target: string
  /** Whether TypeScript removes it: `import type`. */
  typeOnly: boolean
}

const files = (readdirSync(src, { recursive: true }) as string[])
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.m?[jt]s$/.test(path) && !path.endsWith('.test.ts') && !path.endsWith('testing.ts'))
  .sort()

const sources = new Map(files.map((path) => [path, readFileSync(join(src, path), 'utf8')]))

const imports = new Map([...sources].map(([path, text]) => [path, importsOf(path, text)]))

function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w\s{},*$]*?\sfrom\s+)?'([^']+)'/gm)
  const calls = text.matchAll(/\bimport\(\s*'([^']+)'/g)
  return [
    ...[...statements].map(([, type, specifier]) => ({ target: resolve(path, specifier!), typeOnly: type !== undefined })),
    ...[...calls].map(([, specifier]) => ({ target: resolve(path, specifier!), typeOnly: false })),
  ]
}

function resolve(importer: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier).replace(/\.js$/, '.ts')
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

const partOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path)
const isOwn = (target: string) => sources.has(target)
const isBuiltin = (target: string) => target.startsWith('node:') || builtinModules.includes(target)

/** Source without comments and texts, in which a word would be no use of it. */
function code(path: string): string {
  return sources
    .get(path)!
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*/g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/`(?:[^`\\$]|\\.|\$(?!\{))*`/g, '``')
}

/** What a file loads when it is imported, itself included: files of `src` and packages. */
function loads(entry: string): Set<string> {
  const seen = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { target, typeOnly } of imports.get(path) ?? []) if (!typeOnly) visit(target)
  }
  visit(entry)
  return seen
}

describe('imports', () => {
  test('are found by this test', () => {
    expect(files.length).toBeGreaterThan(40)
    expect(imports.get('engine/load-model.ts')).toEqual([
      { target: '@huggingface/transformers', typeOnly: true },
      { target: 'onnxruntime-web', typeOnly: false },
      { target: 'errors.ts', typeOnly: false },
      { target: 'types.ts', typeOnly: true },
      { target: 'engine/gpu-failure.ts', typeOnly: false },
      { target: 'engine/runtime-files.ts', typeOnly: false },
      { target: '@huggingface/transformers', typeOnly: false },
    ])
    expect(imports.get('index.ts')!.some(({ target }) => target === 'embedder.ts')).toBe(true)
    for (const [path, all] of imports) {
      const lost = all.filter(({ target }) => target.endsWith('.ts') && !isOwn(target))
      expect({ path, lost }).toEqual({ path, lost: [] })
      // As many as there are words that begin one.
      const words = sources.get(path)!.match(/^(?:import|export)\b[^'\n]*'|^\} from '|\bimport\('/gm) ?? []
      const statements = words.filter((word) => !/^export (?:const|function|class|interface|type \w)/.test(word))
      expect({ path, imports: all.length }).toEqual({ path, imports: statements.length })
    }
  })

  test('have every file of src in the table of parts, whose imports stand above it there', () => {
    const order = Object.keys(PARTS)
    expect([...new Set(files.map(partOf))].sort()).toEqual([...order].sort())
    for (const [part, { imports: allowed }] of Object.entries(PARTS))
      for (const target of allowed)
        expect({ part, target, at: order.indexOf(partOf(target)) < order.indexOf(part) }).toEqual({ part, target, at: true })
  })

  test.each(Object.entries(PARTS))('of %s go to lower parts only', (part, { imports: allowed, packages }) => {
    for (const path of files.filter((file) => partOf(file) === part)) {
      const wrong = imports
        .get(path)!
        .map(({ target }) => target)
        .filter((target) => {
          if (isBuiltin(target)) return part !== 'cli'
          if (!isOwn(target)) return !packages.includes(target)
          return partOf(target) !== part && !allowed.includes(target) && !allowed.includes(partOf(target))
        })
      expect({ path, wrong }).toEqual({ path, wrong: [] })
    }
  })

  test('of each part are all in use: the table says no more than there is', () => {
    for (const [part, { imports: allowed, packages }] of Object.entries(PARTS)) {
      const targets = files
        .filter((file) => partOf(file) === part)
        .flatMap((path) => imports.get(path)!.map(({ target }) => target))
      const unused = [...allowed, ...packages].filter(
        (name) =>
          !targets.some((target) => target === name || partOf(target) === name || (name.startsWith('@') && target === name)),
      )
      expect({ part, unused }).toEqual({ part, unused: [] })
    }
  })

  test.each(Object.entries(SOLE_IMPORTERS))('of %s stand in %s alone', (name, importer) => {
    const importers = files.filter((path) => imports.get(path)!.some(({ target }) => target === name))
    expect(importers).toEqual([importer].flat())
  })

  test('go round in no circle, types included', () => {
    const done = new Set<string>()
    const visit = (path: string, way: readonly string[]) => {
      expect(way.includes(path) ? [...way.slice(way.indexOf(path)), path].join(' → ') : '').toBe('')
      if (done.has(path)) return
      for (const { target } of imports.get(path)!) if (isOwn(target)) visit(target, [...way, path])
      done.add(path)
    }
    for (const path of files) visit(path, [])
    expect(done.size).toBe(files.length)
  })
})

describe('parts', () => {
  const DOM =
    'window|document|navigator|localStorage|sessionStorage|indexedDB|postMessage|addEventListener|fetch|Worker|MessageChannel|XMLHttpRequest|requestAnimationFrame|HTMLElement'
  const NODE = 'process|Buffer|require|__dirname|__filename|setImmediate'
  const uses = (path: string, names: string) =>
    [...code(path).matchAll(new RegExp(`(?<![.\\w$#'])(?:globalThis\\.)?(?:${names})(?![\\w$:?])`, 'g'))].map(([name]) => name)

  test('are checked for what they use by a search that finds it', () => {
    expect(uses('workers/life-lock.ts', DOM)).toContain('globalThis.navigator')
    expect(uses('cli/main.ts', NODE)).toContain('process')
  })

  test('that are pure use nothing of the page, the worker or Node', () => {
    const pure = files.filter((path) => PARTS[partOf(path)]!.pure)
    expect(pure.length).toBeGreaterThan(20)
    for (const path of pure) expect({ path, uses: uses(path, `${DOM}|${NODE}`) }).toEqual({ path, uses: [] })
  })

  test("other than cli use nothing of Node's", () => {
    for (const path of files.filter((file) => partOf(file) !== 'cli'))
      expect({ path, uses: uses(path, NODE) }).toEqual({ path, uses: [] })
  })

  test("that both sides of a worker's boundary share are loaded by neither: the protocol is types alone", () => {
    expect(imports.get('protocol.ts')!.every(({ typeOnly }) => typeOnly)).toBe(true)
    for (const path of files) {
      const loaded = imports.get(path)!.filter(({ target, typeOnly }) => target === 'protocol.ts' && !typeOnly)
      expect({ path, loaded }).toEqual({ path, loaded: [] })
    }
  })

  test('of the page load neither engine nor runtime nor converter', () => {
    const loaded = [...loads('index.ts')]
    expect(
      loaded.filter((path) =>
        ['engine', 'checkpoint', 'convert', 'conversion', 'library', 'papers-service.ts', 'cli', 'workers'].includes(
          partOf(path),
        ),
      ),
    ).toEqual([])
    expect(loaded.filter((path) => !isOwn(path)).sort()).toEqual(['comlink', 'idb-keyval'])
  })

  test("of the worker load nothing of the command's, and the package has what page and worker load", () => {
    expect([...loads('workers/embed.ts')].filter((path) => partOf(path) === 'cli')).toEqual([])
    const { dependencies } = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8'))
    // The worker is published with all that it needs in one file; the page's side is not.
    for (const entry of ['index.ts', 'papers/index.ts', 'dedup/index.ts', 'search/neighbour-graph.ts'])
      for (const name of [...loads(entry)].filter((path) => !isOwn(path)))
        expect({ entry, dependencies: Object.keys(dependencies) }).toEqual({
          entry,
          dependencies: expect.arrayContaining([name]),
        })
  })

  test('of the page can be imported where there is no window, as on a server', async () => {
    expect(typeof globalThis.window).toBe('undefined')
    expect(Object.keys(await import('./index.js'))).toContain('createEmbedder')
  })
})
