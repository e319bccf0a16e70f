import { InvalidArgumentError } from '../../core/errors.js'
import { isPublishedModel, PUBLISHED_MODELS } from '../../model/hub/published-models.js'
import { convertCommand } from './convert.js'

const NAMES = Object.keys(PUBLISHED_MODELS)

export const getUsage = `specter2-web get <name> [--out <folder>] [options]

Downloads a published model and its adapters from the hub and converts them into a model folder for the browser.
Names: ${NAMES.join(', ')}.
Downloads are kept in the user's cache folder, or in that of SPECTER2_WEB_CACHE; an interrupted one goes on where it ended.

  --out FOLDER            default public/models/<name>
  --dtype LIST            default q8,q4,q4f16: for CPUs, and for GPUs without and with float16
  --revision REVISION     branch, tag or commit of the base; default main
  --token TOKEN           for the hub; default HF_TOKEN
  HF_ENDPOINT             environment: another hub than https://huggingface.co
  and the options of specter2-web convert, such as --dtype`

export async function getCommand([name, ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  if (name === undefined || !isPublishedModel(name)) throw new InvalidArgumentError('<name>', name, `one of ${NAMES.join(', ')}`)
  const { id, base, adapters, license, attribution } = PUBLISHED_MODELS[name]
  // Later options win, so the user's do.
  const out = await convertCommand(
    [
      base,
      ...Object.entries(adapters).flatMap(([adapter, repo]) => ['--adapter', `${adapter}=${repo}`]),
      ...[
        '--id',
        id,
        '--license',
        license,
        '--attribution',
        attribution,
        '--dtype',
        'q8,q4,q4f16',
        '--out',
        `public/models/${name}`,
      ],
      ...args,
    ],
    signal,
  )
  console.log(howToUse(out))
}

/** Bundlers serve what lies in `public/` at the root of the site. */
function howToUse(out: string): string {
  const served = /(?:^|[\\/])public[\\/](.+?)[\\/]*$/.exec(out)?.[1]
  const model = served === undefined ? 'URL' : `'/${served.replaceAll('\\', '/')}/'`
  return `Use it: createEmbedder({ model: ${model} })${served === undefined ? `, with the URL under which you serve ${out}` : ''}`
}
