import { Specter2Error } from '../../core/errors.js'
import type { Device } from '../../core/types.js'
import { outdatedAssets } from '../../engine/runtime-files.js'
import type * as transformersRuntime from '../../engine/transformers-runtime.js'

/** Of the runtime that this worker was built with. Missing if it runs from the sources. */
declare const __RUNTIME_STAMP__: string | undefined

/** Loads `transformers.js`; a worker that runs no graph never fetches it. Options and errors as {@link loadScript}. */
export const loadTransformers = (runtime: string, device: Device) =>
  loadScript<typeof transformersRuntime>(runtime, 'transformers.js', device)

/**
 * Loads a script of ours from the runtime's folder. The second call gets the same module.
 *
 * @param runtime Absolute URL of the folder, with a closing slash.
 * @param device What a graph will run on.
 * @throws Specter2Error `RUNTIME_FAILED` if the file is missing, blocked or not a script; `ASSETS_OUTDATED` if it is of another version.
 */
export async function loadScript<Module extends { stamp: string }>(
  runtime: string,
  file: string,
  device: Device,
): Promise<Module> {
  const url = `${runtime}${file}`
  const load = async (address: string): Promise<Module> => {
    try {
      // The app's bundler must leave it alone: the file is none of its modules.
      return await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ address)
    } catch (cause) {
      const found = String((cause as Error)?.message ?? cause)
      throw new Specter2Error(
        'RUNTIME_FAILED',
        `The runtime did not load from ${url}: ${found}. Check that ${runtime} serves what \`npx specter2-web assets <dir>\` wrote (option \`assets\`).`,
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
