import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
export const workFolder = fileURLToPath(new URL('../test-results/work/', import.meta.url))
const fixture = join(root, 'e2e/fixtures/specter2-tiny')
const cli = join(root, 'dist/cli.js')
const names = ['proximity', 'adhoc_query', 'classification', 'regression']

/** Makes what the tests need from the built package, through its own commands: models, and an app that installs it. */
export default async function setup() {
  rmSync(workFolder, { recursive: true, force: true })
  mkdirSync(workFolder, { recursive: true })
  convert('tiny')
  await stranger()
}

function convert(name: string) {
  const adapters = names.flatMap((adapter) => ['--adapter', `${adapter}=${join(fixture, 'adapters', adapter)}`])
  execFileSync(process.execPath, [cli, 'convert', fixture, ...adapters, '--out', join(workFolder, 'models', name)], {
    stdio: 'inherit',
  })
}

/** An app in a folder of its own that installs the packed package and is built by Vite, knowing nothing of this repository. */
async function stranger() {
  const app = join(workFolder, 'stranger')
  cpSync(join(root, 'e2e/stranger'), app, { recursive: true })
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', workFolder], {
      cwd: root,
      encoding: 'utf8',
    }),
  )
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', join(workFolder, filename)]
  execFileSync('npm', install, { cwd: app, stdio: 'inherit' })
  execFileSync(join(app, 'node_modules/.bin/specter2-web'), ['assets', 'public/specter2-web'], { cwd: app, stdio: 'inherit' })
  await build({ root: app, configFile: false, logLevel: 'warn', worker: { format: 'es' } })
}
