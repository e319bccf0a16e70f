import { DTYPES } from '../core/model-folder/dtypes.js'
import { writeAssets } from '../node/assets.js'
import { listOf, oneOf, onlyArgument, parseCommand } from './arguments.js'
import type { Output } from './output.js'

export const assetsUsage = `specter2-web assets <dir> [--only wasm|webgpu] [--dtype q8,q4] [--no-model] [--from DIR]

Copies workers, runtime and the default model into an app's static folder, to be served as specter2-web/ in the app's folder or
under the URL that is passed as the option \`assets\`. Run it again after every update of the package; add <dir> to .gitignore.

  <dir>       public/specter2-web in Vite, React, Next, Nuxt and Astro; static/specter2-web in SvelteKit
  --only      the runtime's files for one device; default both
  --dtype     the default model's dtypes; default all
  --no-model  without the default model
  --from      folder of packed packages, for where npm reaches no registry`

export async function assetsCommand(args: readonly string[], output: Output): Promise<void> {
  const { values, positionals } = parseCommand(args, {
    only: { type: 'string' },
    dtype: { type: 'string' },
    from: { type: 'string' },
    'no-model': { type: 'boolean', default: false },
  })
  const folder = onlyArgument('<dir>', positionals, 'one folder')
  const { files, bytes } = await writeAssets(folder, {
    only: oneOf('--only', values.only, ['wasm', 'webgpu']),
    model: !values['no-model'],
    dtypes: values.dtype === undefined ? undefined : listOf('--dtype', values.dtype, DTYPES),
    from: values.from,
    tell: (line) => output.print(line),
  })
  output.print(`${folder}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB. A reader downloads only what the device needs of it.`)
}
