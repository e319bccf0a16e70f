import { cp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError, Specter2Error } from '../core/errors.js'
import { packageFolder } from './paths.js'

export const assetsUsage = `specter2-web assets <dir>

Copies worker, runtime and the default model into an app's static folder; give its URL as the option \`assets\`.`

/** Parts of the package that a page loads by URL: folders, and the service worker for hosts that cannot send headers. */
const ASSETS = ['workers/', 'ort/', 'models/', 'isolation-worker.js']

export async function assetsCommand(args: readonly string[]): Promise<void> {
  const [folder, ...rest] = args
  if (!folder || rest.length > 0) throw new InvalidArgumentError('<dir>', args.join(' '), 'one folder')
  for (const name of ASSETS) {
    const source = join(packageFolder, name)
    if (!(await stat(source).catch(() => null))) {
      throw new Specter2Error('MODEL_NOT_FOUND', `${source} is missing: the package is not built. Run npm run build first.`)
    }
    await cp(source, join(folder, name), { recursive: true })
  }
  console.log(`${folder}: ${ASSETS.join(', ')}`)
}
