import { InvalidArgumentError } from '../../core/errors.js'

/** Folder of the files that `specter2-web assets` wrote, in the app's. */
const DEFAULT_ASSETS = 'specter2-web/'

/** Absolute URL of the assets' folder, with a closing slash. */
export function assetsFolder(assets?: string | URL): string {
  const url = assets === undefined ? resolveUrl('assets', DEFAULT_ASSETS, defaultBase()) : resolveUrl('assets', assets)
  return url.endsWith('/') ? url : `${url}/`
}

/** Resolves a URL relative to the page. @throws InvalidArgumentError naming `field`. */
export function resolveUrl(field: string, url: string | URL, base = pageUrl()): string {
  try {
    return new URL(url, base).href
  } catch {
    throw new InvalidArgumentError(field, String(url), 'a URL')
  }
}

/** The page's URL is read only when it is needed, so that a server can import this module. */
const pageUrl = () => globalThis.document?.baseURI ?? globalThis.location?.href

function defaultBase(): string | undefined {
  const { document, location } = globalThis
  // A `<base>` says it.
  if (!document || document.baseURI !== document.URL) return pageUrl()
  const scripts = [...document.scripts].map(({ src }) => src).filter(Boolean)
  return appBase(location.href, [import.meta.url, ...scripts])
}

/**
 * The app's folder, which its routes lie in and its scripts too: the deepest folder that the page shares with one of the scripts.
 * A route such as `/app/library/42` has no files beside it.
 *
 * @param page URL of the page.
 * @param scripts URLs of its scripts. Those of other origins do not count, nor does a path in which a bundler compiled this file.
 * @returns URL of the folder; of the page's own if no script counts.
 */
export function appBase(page: string, scripts: readonly string[]): string {
  const { origin, pathname } = new URL(page)
  const folders = pathname.split('/').slice(0, -1)
  const shared = scripts
    .filter((script) => URL.canParse(script) && new URL(script).origin === origin && origin !== 'null')
    .map((script) => {
      const others = new URL(script).pathname.split('/').slice(0, -1)
      const differs = folders.findIndex((folder, index) => folder !== others[index])
      return differs < 0 ? folders.length : differs
    })
  const depth = shared.length === 0 ? folders.length : Math.max(...shared)
  return new URL(`${folders.slice(0, depth).join('/')}/`, page).href
}
