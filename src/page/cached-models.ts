import { deleteDownloads, listDownloads } from '../model/downloads.js'
import { type CachedModel, ModelCache } from '../model/model-cache.js'
import { idbStore } from '../storage/key-value-store.js'

/**
 * Models kept in this browser, with their sizes in bytes: partial downloads included, and published files that wait for their
 * conversion (`download:…`).
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export async function listCachedModels(): Promise<CachedModel[]> {
  const store = idbStore()
  return [...(await new ModelCache(store).list()), ...(await listDownloads(store))]
}

/**
 * Deletes a model from this browser; a running embedder goes on. A URL that is not kept is no error.
 *
 * @param url The model's address, as {@link listCachedModels} gives it, or its folder's URL.
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
