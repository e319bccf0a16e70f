// node build/build.mjs TARGET...: builds what build/targets.mjs names.
import { targets } from './targets.mjs'

for (const name of process.argv.slice(2)) {
  if (!Object.hasOwn(targets, name)) throw new Error(`No target "${name}": there are ${Object.keys(targets).join(', ')}`)
  await targets[/** @type {keyof typeof targets} */ (name)]()
}
