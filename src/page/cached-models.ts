import { deleteDownloads, listDownloads } from '../model/downloads.js'
import { type CachedModel, ModelCache } from '../model/model-cache.js'
import { idbStore } from '../storage/key-value-store.js'
import { resolveUrl } from './embedder/assets-folder.js'

/**
 * Lists the models stored in this browser with their sizes in bytes, including partial downloads and published files that are
 * not converted yet (`download:…`).
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 * @example
 * for (const { url, bytes } of await listCachedModels()) console.log(url, bytes)
 */
export async function listCachedModels(): Promise<CachedModel[]> {
  const store = idbStore()
  return [...(await new ModelCache(store).list()), ...(await listDownloads(store))]
}

/**
 * Deletes a model from this browser. A running embedder is not affected, and an unknown URL is ignored.
 *
 * @param url The model's `url` from {@link listCachedModels}, or its folder's URL, which may be relative to the page.
 * @throws InvalidArgumentError if it is not a URL.
 * @throws Specter2Error `STORAGE_FAILED`.
 * @example
 * await deleteCachedModel('/models/no-longer-used/')
 */
export async function deleteCachedModel(url: string): Promise<void> {
  const store = idbStore()
  // `converted:` and `download:` addresses are keys, to be taken as they are.
  const key = /^[a-z][a-z\d+.-]*:/i.test(url) ? url : resolveUrl('url', url)
  await deleteDownloads(store, key)
  await new ModelCache(store).delete(key)
}

/**
 * Deletes all models from this browser.
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 * @example
 * await clearCachedModels()
 */
export function clearCachedModels(): Promise<void> {
  return new ModelCache(idbStore()).clear()
}
