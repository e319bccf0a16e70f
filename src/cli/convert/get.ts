import { InvalidArgumentError } from '../../core/errors.js'
import { shortName } from '../../model/hub/model-names.js'
import { isPublishedModel, PUBLISHED_MODELS } from '../../model/hub/published-models.js'
import type { Output } from '../output.js'
import { convertCommand } from './convert.js'

const NAMES = Object.keys(PUBLISHED_MODELS)

export const getUsage = `specter2-web get <name> [--out <folder>] [options]

Downloads a published model and its adapters from the hub and converts them into a model folder for the browser.
Names: ${NAMES.join(', ')}.
Downloads are stored in the user's cache folder, or in SPECTER2_WEB_CACHE; an interrupted one is resumed.

  --out FOLDER            default public/models/<name>
  --dtype LIST            default q8,q4,q4f16: for CPUs, and for GPUs without and with float16
  --revision REVISION     branch, tag or commit of the base; default main
  --token TOKEN           for the hub; default HF_TOKEN
  HF_ENDPOINT             environment: another hub than https://huggingface.co
  and the other options of specter2-web convert`

export async function getCommand([given, ...args]: readonly string[], output: Output, signal: AbortSignal): Promise<void> {
  const name = given === undefined ? undefined : shortName(given)
  if (name === undefined || !isPublishedModel(name)) throw new InvalidArgumentError('<name>', name, `one of ${NAMES.join(', ')}`)
  const { id, base, adapters, license, attribution } = PUBLISHED_MODELS[name]
  const options = { id, license, attribution, dtype: 'q8,q4,q4f16', out: `public/models/${name}` }
  const defaults = [
    ...Object.entries(adapters).map(([adapter, repo]) => ['adapter', `${adapter}=${repo}`]),
    ...Object.entries(options),
  ].flatMap(([option, value]) => [`--${option}`, `${value}`])
  // Of a repeated option the last one counts, so the user's do.
  const out = await convertCommand([base, ...defaults, ...args], output, signal)
  // Bundlers serve what lies in `public/` at the root of the site.
  const served = /(?:^|[\\/])public[\\/](.+?)[\\/]*$/.exec(out)?.[1]?.replaceAll('\\', '/')
  output.print(
    served === undefined
      ? `Use it: createEmbedder({ model: URL }), with the URL under which you serve ${out}`
      : `Use it: createEmbedder({ model: '/${served}/' })`,
  )
}
