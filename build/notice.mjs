import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { aliases, NOT_BUNDLED } from './runtime.mjs'

/** What the package ships as bundles; the page's modules import packages that an app installs. */
const BUNDLES = /** @type {const} */ ([
  ['src/workers/embed.ts', 'browser'],
  ['src/workers/library.ts', 'browser'],
  ['src/workers/papers.ts', 'browser'],
  ['src/workers/heads.ts', 'browser'],
  ['src/engine/transformers-runtime.ts', 'browser'],
  ['src/workers/embed/conversion.ts', 'browser'],
  ['src/cli/main.ts', 'node'],
  ['src/node/embed-worker.ts', 'node'],
])

/** What packages hold without a module of its own in the graph. */
const INLINED = ['@huggingface/jinja']

/** @type {Readonly<Record<string, string>>} Copyright lines of packages that ship no licence file. */
const HOLDERS = {
  'onnxruntime-web': 'Copyright (c) Microsoft Corporation',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation',
  saxes: 'Copyright (c) Contributors',
}

/**
 * The works that these bundles contain, as NOTICE lists them: name, licence, address and every copyright line of its licence.
 *
 * @param {string} root
 */
export async function bundledWorks(root) {
  /** @type {Set<string>} */
  const folders = new Set()
  for (const [entry, side] of BUNDLES) {
    const result = await build({
      configFile: false,
      root,
      publicDir: false,
      logLevel: 'error',
      resolve: { alias: aliases(side) },
      build: {
        write: false,
        minify: false,
        ...(side === 'node' ? { ssr: join(root, entry) } : { lib: { entry: join(root, entry), formats: ['es'] } }),
      },
      ssr: {
        noExternal: true,
        external: NOT_BUNDLED,
      },
    })
    const outputs = [result].flat().flatMap((part) => ('output' in part ? part.output : []))
    for (const chunk of outputs)
      if (chunk.type === 'chunk')
        for (const id of chunk.moduleIds) {
          const folder = /^(?:\0)?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)?.[1]
          if (folder !== undefined) folders.add(folder)
        }
  }
  for (const name of INLINED) folders.add(join(root, 'node_modules', name))
  return [...folders]
    .map(work)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ text }) => text)
    .join('\n')
}

/** @param {string} folder */
function work(folder) {
  const { name, license, homepage, repository, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const found = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''
  // Lines of the Apache licence's own text are about copyright, but are none.
  const lines = found
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^copyright (\(c\)|©|\d{4})/i.test(line) && !/\[yyyy\]/.test(line))
  const holder = typeof author === 'string' ? author : author?.name
  const copyright =
    lines.length > 0
      ? lines
      : [HOLDERS[name] ?? `Copyright ${(holder ?? `the authors of ${name}`).replace(/ <.*| \(http.*/, '')}`]
  const url = String(
    repository?.url ?? repository ?? homepage ?? (name.startsWith('@huggingface/') ? 'huggingface/huggingface.js' : ''),
  )
    .replace(/^git\+|\.git$/g, '')
    .replace(/^git:/, 'https:')
    .replace(/^(github:)?([\w.-]+\/[\w.-]+)$/, 'https://github.com/$2')
  return {
    name,
    text: [`  ${name.padEnd(28)}${String(license).padEnd(15)}${url}`, ...new Set(copyright.map((line) => `    ${line}`))].join(
      '\n',
    ),
  }
}
