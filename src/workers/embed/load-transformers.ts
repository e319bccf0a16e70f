import { Specter2Error } from '../../core/errors.js'
import type { Device } from '../../core/types.js'
import { outdatedAssets } from '../../engine/runtime-files.js'
import type * as transformersRuntime from '../../engine/transformers-runtime.js'

type Runtime = typeof transformersRuntime

/** Of the runtime that this worker was built with. Missing if it runs from the sources. */
declare const __RUNTIME_STAMP__: string | undefined

/**
 * Loads `transformers.js` from the runtime's folder; a worker that runs no graph never fetches it. The second call gets the same
 * module.
 *
 * @param runtime Absolute URL of the folder, with a closing slash.
 * @param device What the graph will run on.
 * @throws Specter2Error `RUNTIME_FAILED` if the file is missing, blocked or not a script; `ASSETS_OUTDATED` if it is of another version.
 */
export async function loadTransformers(runtime: string, device: Device): Promise<Runtime> {
  const url = `${runtime}transformers.js`
  const load = async (address: string): Promise<Runtime> => {
    try {
      // The app's bundler must leave it alone: the file is none of its modules.
      return await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ address)
    } catch (cause) {
      const found = String((cause as Error)?.message ?? cause)
      throw new Specter2Error(
        'RUNTIME_FAILED',
        `The runtime did not load from ${url}: ${found}. Check that ${runtime} serves what \`specter2-web assets <dir>\` wrote (option \`assets\`).`,
        { details: { url, device }, cause },
      )
    }
  }
  const module = await load(url)
  if (typeof __RUNTIME_STAMP__ === 'undefined' || module.stamp === __RUNTIME_STAMP__) return module
  // An HTTP cache may hold the file of the version before.
  const fresh = await load(`${url}?${__RUNTIME_STAMP__}`)
  if (fresh.stamp === __RUNTIME_STAMP__) return fresh
  throw outdatedAssets(url, __RUNTIME_STAMP__, String(fresh.stamp))
}
