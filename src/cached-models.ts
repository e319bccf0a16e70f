import { idbStore } from './model/idb-cache.js'
import { type CachedModel, ModelCache } from './model/model-cache.js'

/**
 * Models kept in this browser, partial downloads included, with their sizes in bytes.
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export function listCachedModels(): Promise<CachedModel[]> {
  return new ModelCache(idbStore()).list()
}

/**
 * Deletes a model from this browser; a running embedder goes on. A URL that is not kept is no error.
 *
 * @param url The model folder's URL, as {@link listCachedModels} gives it.
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export function deleteCachedModel(url: string): Promise<void> {
  return new ModelCache(idbStore()).delete(url)
}

/**
 * Deletes all models from this browser.
 *
 * @throws Specter2Error `STORAGE_FAILED`.
 */
export function clearCachedModels(): Promise<void> {
  return new ModelCache(idbStore()).clear()
}
