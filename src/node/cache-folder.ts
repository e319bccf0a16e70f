import { homedir } from 'node:os'
import { join } from 'node:path'

/** The folder of downloads: `$SPECTER2_WEB_CACHE`, or `specter2-web` in the user's cache folder. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.SPECTER2_WEB_CACHE) return env.SPECTER2_WEB_CACHE
  const caches: Partial<Record<NodeJS.Platform, string | undefined>> = {
    darwin: join(home, 'Library', 'Caches'),
    win32: env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'),
  }
  return join(caches[platform] ?? (env.XDG_CACHE_HOME || join(home, '.cache')), 'specter2-web')
}
