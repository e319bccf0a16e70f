import { Specter2Error } from '../../core/errors.js'
import type { Device } from '../../core/types.js'
import type * as transformersRuntime from '../../engine/transformers-runtime.js'

/**
 * Loads `transformers.js` from the runtime's folder; a worker that runs no graph never fetches it. The second call gets the same
 * module.
 *
 * @param runtime Absolute URL of the folder, with a closing slash.
 * @param device What the graph will run on.
 * @throws Specter2Error `RUNTIME_FAILED` if the file is missing, blocked or not a script.
 */
export async function loadTransformers(runtime: string, device: Device): Promise<typeof transformersRuntime> {
  const url = `${runtime}transformers.js`
  try {
    // The app's bundler must leave it alone: the file is none of its modules.
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ url)
  } catch (cause) {
    const found = String((cause as Error)?.message ?? cause)
    throw new Specter2Error(
      'RUNTIME_FAILED',
      `The runtime did not load from ${url}: ${found}. Check that ${runtime} serves what \`specter2-web assets <dir>\` wrote (option \`assets\`).`,
      { details: { url, device }, cause },
    )
  }
}
