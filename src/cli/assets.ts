import { cp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Specter2Error } from '../core/errors.js'
import { onlyArgument } from './arguments.js'
import type { Output } from './output.js'
import { packageFolder } from './paths.js'

export const assetsUsage = `specter2-web assets <dir>

Copies workers, runtime and the default model into an app's static folder; pass the URL of that folder as the option
\`assets\`.`

/** What a page loads from the package by URL: folders, and the service worker for hosts that cannot send headers. */
const ASSETS = ['workers/', 'ort/', 'models/', 'isolation-worker.js']

export async function assetsCommand(args: readonly string[], output: Output): Promise<void> {
  const folder = onlyArgument('<dir>', args, 'one folder')
  for (const name of ASSETS) {
    const source = join(packageFolder, name)
    if (!(await stat(source).catch(() => null))) {
      throw new Specter2Error('MODEL_NOT_FOUND', `${source} is missing: the package is not built. Run npm run build first.`)
    }
    await cp(source, join(folder, name), { recursive: true })
  }
  output.print(`${folder}: ${ASSETS.join(', ')}`)
}
