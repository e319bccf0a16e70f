import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Specter2Error } from '../core/errors.js'
import { VERSION } from '../core/version.js'
import { type Companion, companionCache, companionFolder, companionName, findCompanion, packageFolder } from './paths.js'

const run = promisify(execFile)

/**
 * The folder of a companion package; if the app has not installed it, npm downloads it once into the user's cache.
 *
 * @param from Folder of packed packages, where there is no registry. Default: the one that this package was installed from.
 * @param tell Called before a download.
 * @throws Specter2Error `DOWNLOAD_FAILED`.
 */
export async function fetchCompanion(name: Companion, from: string | undefined, tell: (line: string) => void): Promise<string> {
  const found = findCompanion(name)
  if (found !== null) return found
  const spec = `${companionName(name)}@${VERSION}`
  const tarball = join(from === undefined ? tarballsFolder() : resolve(from), `${companionName(name)}-${VERSION}.tgz`)
  const source = existsSync(tarball) ? tarball : spec
  tell(`Downloading ${source} (\`npm install ${source}\` keeps it in your app instead)`)
  const work = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  try {
    // Packed here, so that the app's registry and proxy count.
    await npm(['pack', source, '--silent', '--ignore-scripts', '--pack-destination', work])
    const [file] = await readdir(work)
    await mkdir(companionCache(name), { recursive: true })
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--offline']
    await npm(['install', join(work, file!), '--prefix', companionCache(name), ...quiet])
  } catch (cause) {
    const message = `npm could not download ${spec}: ${lastLine(cause)}. Install it (\`npm install ${spec}\`), or pass --from with the folder of its tarball ${companionName(name)}-${VERSION}.tgz.`
    throw new Specter2Error('DOWNLOAD_FAILED', message, { retryable: true, details: { package: spec }, cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return companionFolder(name)
}

const npm = (args: readonly string[]) => run('npm', [...args], { shell: process.platform === 'win32', maxBuffer: 2 ** 26 })

/** Where npm found this package, if that was a tarball: the others may lie beside it. */
function tarballsFolder(): string {
  try {
    const app = join(packageFolder(), '../../..')
    const { packages } = JSON.parse(readFileSync(join(app, 'node_modules/.package-lock.json'), 'utf8'))
    const [, path] = /^file:(.*)[\\/][^\\/]+\.tgz$/.exec(packages['node_modules/specter2-web'].resolved) ?? []
    return path === undefined ? '' : resolve(app, path)
  } catch {
    return ''
  }
}

function lastLine(cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message: string }
  const lines = (stderr || message).split('\n').filter((line) => /npm (ERR!|error) /.test(line) && !/log of this run/.test(line))
  return (lines[1] ?? lines[0] ?? message).replace(/^npm (ERR!|error) /, '').trim()
}
