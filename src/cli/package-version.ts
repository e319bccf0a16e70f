import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageFolder } from './paths.js'

/** Of this package. */
export const packageVersion: string = JSON.parse(readFileSync(nearestManifest(packageFolder), 'utf8')).version

/** The sources, the built package and a build elsewhere in the repository lie at different depths below it. */
function nearestManifest(folder: string): string {
  const path = join(folder, 'package.json')
  return existsSync(path) || dirname(folder) === folder ? path : nearestManifest(dirname(folder))
}
