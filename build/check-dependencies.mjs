// Fails on a dependency whose licence is not allowed, whose content is not fixed by a hash, or that runs a script when it is installed.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Licences of what is published: each can be combined with Apache-2.0. */
const PUBLISHED = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0', 'Zlib']
/** Those of tools, too, of which nothing is published. */
const TOOLS = [...PUBLISHED, 'MPL-2.0', 'Python-2.0', 'LGPL-3.0-or-later']
/** Tools with a script that nothing here needs: .npmrc skips the one of onnxruntime-node, that of protobufjs only compares versions. */
const SCRIPTS = ['node_modules/onnxruntime-node', 'node_modules/protobufjs']

const root = fileURLToPath(new URL('..', import.meta.url))
/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8'))

/** @type {{ packages: Record<string, { link?: boolean, dev?: boolean, license?: string, integrity?: string, hasInstallScript?: boolean }> }} */
const { packages } = read('package-lock.json')
const own = ['', ...read('package.json').workspaces]
/** @type {string[]} */
const problems = []

for (const folder of own)
  for (const name of Object.keys(read(`${folder}/package.json`).scripts ?? {}))
    if (['preinstall', 'install', 'postinstall', 'prepare'].includes(name))
      problems.push(`${folder || 'The package'} has the script ${name}, which runs when it is installed`)

for (const [path, { link, dev, license, integrity, hasInstallScript }] of Object.entries(packages)) {
  if (link || own.includes(path)) continue
  const found = license ?? olderLicence(path)
  if (!isAllowed(found, dev ? TOOLS : PUBLISHED)) problems.push(`${path} has the licence ${found}`)
  if (!integrity) problems.push(`${path} has no hash in package-lock.json`)
  if (hasInstallScript && !(dev && SCRIPTS.includes(path))) problems.push(`${path} runs a script when it is installed`)
}

for (const problem of problems) console.error(`${problem}: build/check-dependencies.mjs says what is allowed.`)
if (problems.length > 0) process.exitCode = 1

/**
 * The licence as packages of before 2015 state it, which the lock file does not repeat.
 *
 * @param {string} path
 * @returns {string}
 */
function olderLicence(path) {
  const { license, licenses } = read(`${path}/package.json`)
  return license ?? licenses?.map((/** @type {{ type: string }} */ { type }) => type).join(' OR ') ?? 'none'
}

/**
 * Whether a licence expression (SPDX) can be satisfied by the allowed licences.
 *
 * @param {string} expression
 * @param {readonly string[]} allowed
 */
function isAllowed(expression, allowed) {
  const all = (/** @type {string} */ terms) => terms.split(' AND ').every((term) => allowed.includes(term.trim()))
  return expression
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some(all)
}
