import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, createLogger } from 'vite'
import { targets } from '../build/targets.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
export const workFolder = fileURLToPath(new URL('../test-results/work/', import.meta.url))
const fixture = join(root, 'testing/fixtures/specter2-tiny')
const cli = join(root, 'dist/cli.js')

const adapters = ['proximity', 'adhoc_query', 'classification', 'regression'].map((name) => adapterOption(name, name))

/** Makes what the tests need from the built package, with its own commands: models, and an app that installs it. */
export default async function setup() {
  rmSync(workFolder, { recursive: true, force: true })
  mkdirSync(workFolder, { recursive: true })
  // Checkpoints are published in either of two formats.
  convert('tiny', published('pytorch_model.bin'), adapters)
  convert('tiny-safetensors', published('model.safetensors'), adapters)
  // Another revision with the same weights, but another adapter named `proximity`.
  convert('tiny-b', fixture, [
    adapterOption('proximity', 'classification'),
    ...adapters.slice(1),
    ['--revision', 'b', '--calibrate', 'none'],
  ])
  convert('tiny-fp32', fixture, [...adapters, ['--dtype', 'fp32', '--calibrate', 'none']])
  convert('tiny-plain', fixture, [['--pooling', 'cls', '--calibrate', 'none']])
  await stranger()
  await targets.views()
}

function adapterOption(name: string, folder: string): string[] {
  return ['--adapter', `${name}=${join(fixture, 'adapters', folder)}`]
}

/** A copy of the fixture that has its weights only in this file. */
function published(weights: string): string {
  const folder = join(workFolder, 'published', weights, 'specter2-tiny')
  const others = ['pytorch_model.bin', 'model.safetensors'].filter((file) => file !== weights)
  cpSync(fixture, folder, { recursive: true, filter: (path) => !others.some((other) => path.endsWith(other)) })
  return folder
}

function convert(name: string, base: string, options: readonly string[][]) {
  const args = ['convert', base, ...options.flat(), '--out', join(workFolder, 'models', name)]
  execFileSync(process.execPath, [cli, ...args], { stdio: 'inherit' })
}

/** Where the commands of installed packages download to. */
process.env.SPECTER2_WEB_CACHE = join(workFolder, 'cache')

/** Packs the package, and those with runtime and default model. */
export function packAll(folder: string): string {
  const pack = ['pack', '--json', '--ignore-scripts', '--workspaces', '--include-workspace-root', '--pack-destination', folder]
  const packed: { name: string; filename: string }[] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }))
  return join(folder, packed.find(({ name }) => name === 'specter2-web')!.filename)
}

/** An app in its own folder that installs the packed package and is built by Vite, without any of this repository's settings or a warning. */
async function stranger() {
  const app = join(workFolder, 'stranger')
  cpSync(join(root, 'e2e/stranger'), app, { recursive: true })
  const tarball = packAll(workFolder)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball]
  execFileSync('npm', install, { cwd: app, stdio: 'inherit' })
  execFileSync(join(app, 'node_modules/.bin/specter2-web'), ['assets', 'public/specter2-web'], { cwd: app, stdio: 'inherit' })
  const customLogger = createLogger('warn')
  customLogger.warn = customLogger.warnOnce = (message) => {
    // How long a plugin took says something about this machine, not about the app.
    if (message.includes('PLUGIN_TIMINGS')) return
    throw new Error(`The build of an app warns: ${message}`)
  }
  await build({ root: app, configFile: false, customLogger })
}
