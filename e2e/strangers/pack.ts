import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Apps are installed outside of the repository, so that they find none of its modules. */
export const strangersFolder = process.env.STRANGERS_FOLDER ?? join(tmpdir(), 'specter2-web-strangers')
const tarballs = join(strangersFolder, 'tarballs')

/** The packed packages. */
export const packed = () => readdirSync(tarballs).map((file) => join(tarballs, file))

/** Packs the built package. */
export default function pack() {
  mkdirSync(tarballs, { recursive: true })
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', tarballs], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
