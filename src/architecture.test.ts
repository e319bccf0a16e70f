import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const src = fileURLToPath(new URL('.', import.meta.url))

/**
 * The layers of `src`, lowest first: a folder may import from itself and from those above it here, never from those below. A
 * file belongs to the longest folder in the table that it lies in. The packages are those that its files may import.
 */
const LAYERS: readonly (readonly [folder: string, packages: readonly string[]])[] = [
  ['core', ['@noble/hashes']],
  ['core/kernels', []],
  ['core/metrics', []],
  ['core/heads', []],
  ['core/papers', ['entities', 'fflate', 'fzstd', 'hyparquet', 'saxes']],
  ['core/search', ['stemmer']],
  ['core/model-folder', []],
  ['core/duplicates', ['fastest-levenshtein']],
  ['core/screening', []],
  ['core/checkpoint', []],
  ['core/converter', []],
  ['core/index-file', ['hyparquet-writer']],
  ['storage', ['idb-keyval']],
  ['model', ['@huggingface/hub', '@noble/hashes']],
  ['engine', ['@huggingface/tokenizers', '@huggingface/transformers', 'onnxruntime-web']],
  ['workers/rpc', ['comlink']],
  ['workers/papers', []],
  ['workers/heads', []],
  ['workers/library', ['idb']],
  ['workers/embed', []],
  ['workers', []],
  ['page', []],
  ['index.ts', []],
  ['node', ['onnxruntime-node', 'vite']],
  ['cli', ['@hono/node-server', '@lancedb/lancedb', 'apache-arrow', 'hono']],
]

/** The sole importers of packages that must not spread. */
const SOLE_IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  comlink: ['workers/rpc/serve.ts', 'workers/rpc/transferred.ts', 'workers/rpc/worker-client.ts'],
  '@huggingface/hub': ['model/hub/hub-client.ts'],
  '@huggingface/transformers': ['engine/load-model.ts'],
  'onnxruntime-web': ['engine/graph-runtime.ts', 'engine/load-model.ts'],
  'onnxruntime-node': ['node/native-model.ts'],
  '@huggingface/tokenizers': ['engine/tokenizer.ts'],
  idb: ['workers/library/idb-index-store.ts'],
  'idb-keyval': ['storage/key-value-store.ts'],
  'hyparquet-writer': ['core/index-file/parquet.ts'],
  '@hono/node-server': ['cli/serve/serve.ts'],
  hono: ['cli/serve/service.ts'],
  'apache-arrow': ['cli/serve/lancedb.ts'],
  stemmer: ['core/search/words.ts'],
  '@noble/hashes': ['core/sha256.ts', 'model/hub/file-hash.ts'],
  entities: ['core/papers/text/clean-text.ts'],
  fflate: [
    'core/papers/archives/unpack.ts',
    'core/papers/archives/zip-entries.ts',
    'core/papers/vectors/read-parquet.ts',
    'core/papers/xlsx/write-xlsx.ts',
  ],
  fzstd: ['core/papers/vectors/read-parquet.ts'],
  hyparquet: ['core/papers/vectors/read-parquet.ts'],
  saxes: ['core/papers/xlsx/sheet-xml.ts', 'core/papers/xml/read-xml.ts'],
}

interface Import {
  /** A file of `src` by its path, or a package by its name. */
  target: string
  /** Whether TypeScript removes it: `import type`. */
  typeOnly: boolean
}

const files = (readdirSync(src, { recursive: true }) as string[])
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.m?[jt]s$/.test(path) && !/\.test\.ts$|testing\.ts$|\.d\.ts$|^core\/kernels\/assembly\//.test(path))
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

const isOwn = (target: string) => sources.has(target)
const isBuiltin = (target: string) => target.startsWith('node:') || builtinModules.includes(target)

/** Position of a file's layer in the table; -1 for a file that lies in none. */
function layerOf(path: string): number {
  const holding = LAYERS.map(([folder]) => (path === folder || path.startsWith(`${folder}/`) ? folder.length : 0))
  const longest = Math.max(...holding)
  return longest === 0 ? -1 : holding.indexOf(longest)
}

/** What a file may not import: files of a higher layer, and packages that its layer does not name. */
function forbidden(path: string, all: readonly Import[]): string[] {
  const layer = layerOf(path)
  return all
    .map(({ target }) => target)
    .filter((target) => {
      if (isBuiltin(target)) return !['node', 'cli'].includes(LAYERS[layer]![0])
      return isOwn(target) ? layerOf(target) > layer : !LAYERS[layer]![1].includes(target)
    })
}

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
  test('are all found by this test', () => {
    expect(files.length).toBeGreaterThan(200)
    expect(imports.get('engine/load-model.ts')).toContainEqual({ target: '@huggingface/transformers', typeOnly: true })
    expect(imports.get('engine/load-model.ts')).toContainEqual({ target: '@huggingface/transformers', typeOnly: false })
    for (const [path, all] of imports) {
      const lost = all.filter(({ target }) => target.endsWith('.ts') && !isOwn(target))
      expect({ path, lost }).toEqual({ path, lost: [] })
      // As many as there are words that begin one.
      const words = sources.get(path)!.match(/^(?:import|export)\b[^'\n]*'|^\} from '|\bimport\('/gm) ?? []
      const statements = words.filter((word) => !/^export (?:const|function|class|interface|type \w)/.test(word))
      expect({ path, imports: all.length }).toEqual({ path, imports: statements.length })
    }
  })

  test('go to lower layers only, types included', () => {
    for (const [path, all] of imports) {
      expect({ path, layer: layerOf(path) }).not.toEqual({ path, layer: -1 })
      expect({ path, forbidden: forbidden(path, all) }).toEqual({ path, forbidden: [] })
    }
  })

  test.each([
    ['core/errors.ts', "import type { Manifest } from './model-folder/manifest.js'"],
    ['core/search/fuse.ts', "import { findDuplicates } from '../duplicates/find-duplicates.js'"],
    ['workers/rpc/worker-client.ts', "import type { PaperIndex } from '../../page/paper-index/paper-index.js'"],
    ['core/papers/record.ts', "import { proxy } from 'comlink'"],
    ['engine/engine.ts', "import { readFileSync } from 'node:fs'"],
  ])('upwards are found: planted in %s', (path, statement) => {
    expect(forbidden(path, importsOf(path, statement))).toHaveLength(1)
  })

  test.each(Object.entries(SOLE_IMPORTERS))('of %s stand in %s alone', (name, importers) => {
    expect(files.filter((path) => imports.get(path)!.some(({ target }) => target === name))).toEqual(importers)
  })

  test('make no circle, types included', () => {
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

describe('sides', () => {
  const DOM =
    'window|document|navigator|localStorage|sessionStorage|indexedDB|postMessage|addEventListener|fetch|Worker|XMLHttpRequest|requestAnimationFrame|HTMLElement'
  const NODE = 'process|Buffer|require|__dirname|__filename|setImmediate'
  const uses = (path: string, names: string) =>
    [...code(path).matchAll(new RegExp(`(?<![.\\w$#'])(?:globalThis\\.)?(?:${names})(?![\\w$:?])`, 'g'))].map(([name]) => name)

  test('are checked for what they use by a search that finds it', () => {
    expect(uses('workers/rpc/worker-client.ts', DOM)).toContain('Worker')
    expect(uses('cli/main.ts', NODE)).toContain('process')
  })

  test('core runs anywhere: it uses nothing of the page, the worker or Node', () => {
    for (const path of files.filter((file) => file.startsWith('core/')))
      expect({ path, uses: uses(path, `${DOM}|${NODE}`) }).toEqual({ path, uses: [] })
  })

  test("only node and cli use what is Node's", () => {
    for (const path of files.filter((file) => !/^(cli|node)\//.test(file)))
      expect({ path, uses: uses(path, NODE) }).toEqual({ path, uses: [] })
  })

  test('the page loads of workers the client of their calls alone, and neither engine nor converter', () => {
    const loaded = [...loads('index.ts')]
    const others = loaded.filter((path) => /^(cli|engine|workers|core\/(checkpoint|converter|index-file))\//.test(path))
    expect(others.filter((path) => !path.startsWith('workers/rpc/') && path !== 'core/index-file/npy.ts')).toEqual([])
    expect(loaded.filter((path) => !isOwn(path)).sort()).toEqual(['comlink', 'idb-keyval'])
  })

  test('no worker loads transformers.js or onnxruntime-web, not even later: they are in a file of the runtime', () => {
    const runtime = ['@huggingface/transformers', 'onnxruntime-web']
    const heavy = (entry: string) => [...loads(entry)].filter((path) => runtime.includes(path)).sort()
    expect(heavy('engine/transformers-runtime.ts')).toEqual(runtime)
    for (const entry of files.filter((path) => /^workers\/\w+\.ts$/.test(path)))
      expect({ entry, loads: heavy(entry) }).toEqual({ entry, loads: [] })
  })

  test('the package depends on what its entries load; a worker is published in one file with all that it needs but the runtime', () => {
    expect([...loads('workers/embed.ts')].filter((path) => path.startsWith('cli/'))).toEqual([])
    const { dependencies } = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8'))
    for (const entry of [
      'index.ts',
      'core/papers/index.ts',
      'core/duplicates/index.ts',
      'core/screening/index.ts',
      'core/search/neighbour-graph.ts',
      'core/heads/index.ts',
    ])
      for (const name of [...loads(entry)].filter((path) => !isOwn(path)))
        expect({ entry, dependencies: Object.keys(dependencies) }).toEqual({
          entry,
          dependencies: expect.arrayContaining([name]),
        })
  })

  test('the page can be imported where there is no window, as on a server', async () => {
    expect(typeof globalThis.window).toBe('undefined')
    expect(Object.keys(await import('./index.js'))).toContain('createEmbedder')
  })
})
