import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from '../global-setup.js'

/** Apps are installed outside of the repository, so that they find none of its modules. */
export const strangersFolder = process.env.STRANGERS_FOLDER ?? join(tmpdir(), 'specter2-web-strangers')
const tarballs = join(strangersFolder, 'tarballs')

/** Packs the built packages. */
export default function pack() {
  mkdirSync(tarballs, { recursive: true })
  process.env.SPECTER2_WEB_TARBALL = packAll(tarballs)
  process.env.SPECTER2_WEB_CACHE = join(strangersFolder, 'cache')
}
