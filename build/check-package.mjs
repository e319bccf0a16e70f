// Packs the built package and fails on what a stranger would stumble over: publint, are-the-types-wrong, sizes, and a public API
// other than in build/api.txt (--write updates it).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from 'vite'
import { apiReport } from './api-report.mjs'
import { bundledWorks } from './notice.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** @type {string[]} */
const problems = []

/** Limits of what a first visit downloads, in bytes after gzip, and of the packed package. */
const BUDGETS = {
  'specter2-web': 26_000,
  'specter2-web/papers': 14_000,
  'specter2-web/duplicates': 50_000,
  'specter2-web/neighbours': 5_000,
  'specter2-web/screening': 8_000,
  'specter2-web/heads': 14_000,
  'workers/embed.js': 75_000,
  'workers/library.js': 56_000,
  'workers/heads.js': 15_000,
  'workers/papers.js': 121_000,
  packed: 2_350_000,
}

const work = mkdtempSync(join(tmpdir(), 'specter2-web-'))
try {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', work], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const file = join(work, `${manifest.name}-${manifest.version}.tgz`)
  const tarball = readFileSync(file)
  // The package's own files are ES modules; older resolution and `require` in old Nodes are not supported.
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), {
    excludeEntrypoints: [/\.js$/, 'package.json'],
  })
  if (!analysis.types) problems.push('The package has no types.')
  else
    for (const problem of analysis.problems) {
      const { kind } = problem
      const resolution = 'resolutionKind' in problem ? problem.resolutionKind : ''
      if (!['node10', 'node16-cjs'].includes(resolution)) problems.push(`${kind} ${JSON.stringify(problem)}`)
    }
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
  })
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg)}`)
  await checkSizes(tarball.length)
  for (const folder of manifest.workspaces) {
    const { version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    if (version !== manifest.version) problems.push(`${folder} has version ${version}, not ${manifest.version}`)
  }
  checkApi()
  await checkNotice()
} finally {
  rmSync(work, { recursive: true })
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

/** @param {number} packed */
async function checkSizes(packed) {
  for (const [name, limit] of Object.entries(BUDGETS)) {
    const bytes =
      name === 'packed'
        ? packed
        : name.startsWith('workers/')
          ? gzipSync(readFileSync(join(root, 'dist', name))).length
          : await entrySize(name)
    console.log(`${name.padEnd(26)}${(bytes / 1e3).toFixed(1).padStart(9)} KB of ${(limit / 1e3).toFixed(0)}`)
    if (bytes > limit)
      problems.push(`${name} has ${bytes} bytes: more than its budget of ${limit} (BUDGETS in build/check-package.mjs)`)
  }
  for (const folder of ['build/packages/runtime/ort'])
    for (const name of ['ort-wasm-simd-threaded.wasm', 'transformers.js'])
      if (statSync(join(root, folder, name)).size > 25 * 2 ** 20) problems.push(`${name} is above 25 MiB`)
}

/** Bytes of the scripts that an app loads at first for `import * from name`, minified and compressed. @param {string} name */
async function entrySize(name) {
  const path = manifest.exports[name === manifest.name ? '.' : `.${name.slice(manifest.name.length)}`].default
  const result = await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { write: false, lib: { entry: join(root, path), formats: ['es'] }, rolldownOptions: { output: { minify: true } } },
  })
  const outputs = [result].flat().flatMap((part) => ('output' in part ? part.output : []))
  const [entry] = outputs
  return entry?.type === 'chunk' ? gzipSync(entry.code).length : 0
}

function checkApi() {
  const file = join(root, 'build/api.txt')
  const report = apiReport(root, manifest.exports)
  if (process.argv.includes('--write')) writeFileSync(file, report)
  else if (readFileSync(file, 'utf8') !== report) {
    const before = new Set(readFileSync(file, 'utf8').split('\n'))
    const after = report.split('\n')
    const kept = new Set(after)
    const changes = [
      ...[...before].filter((line) => !kept.has(line)).map((line) => `- ${line}`),
      ...after.filter((line) => !before.has(line)).map((line) => `+ ${line}`),
    ]
    problems.push(
      `The public API differs from build/api.txt. If that is meant, run \`npm run api\` and name it in CHANGELOG.md:\n${changes.join('\n')}`,
    )
  }
}

/** NOTICE lists what the bundles contain, by their module graph. */
async function checkNotice() {
  const file = join(root, 'NOTICE')
  const text = readFileSync(file, 'utf8')
  const works = await bundledWorks(root)
  const notice = text.replace(
    /(under their own licences:\n\n)[\s\S]*?(\n\nThe demo's map)/,
    (_, before, after) => `${before}${works}${after}`,
  )
  if (process.argv.includes('--write')) writeFileSync(file, notice)
  else if (notice !== text) problems.push('NOTICE does not list what the bundles contain. Run `npm run api`, which writes it.')
}
