import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './paths.js'

/** The package's version: its `package.json` lies above `dist`, and above `src/cli`. */
export const packageVersion: string = JSON.parse(
  readFileSync([join(packageFolder, '../package.json'), join(packageFolder, '../../package.json')].find(existsSync)!, 'utf8'),
).version
