import { deleteDownloads, listDownloads } from '../model/downloads.js'
import { type CachedModel, ModelCache } from '../model/model-cache.js'
import { idbStore } from '../storage/key-value-store.js'

/**
 * Lists the models stored in this browser with their sizes in bytes, including partial downloads and published files that are
 * not converted yet (`download:…`).
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export async function listCachedModels(): Promise<CachedModel[]> {
  const store = idbStore()
  return [...(await new ModelCache(store).list()), ...(await listDownloads(store))]
}

/**
 * Deletes a model from this browser. A running embedder is not affected, and an unknown URL is ignored.
 *
 * @param url The model's `url` from {@link listCachedModels}, or its folder's URL.
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export async function deleteCachedModel(url: string): Promise<void> {
  const store = idbStore()
  await deleteDownloads(store, url)
  await new ModelCache(store).delete(url)
}

/**
 * Deletes all models from this browser.
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export function clearCachedModels(): Promise<void> {
  return new ModelCache(idbStore()).clear()
}
