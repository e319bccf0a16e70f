export { clearCachedModels, deleteCachedModel, listCachedModels } from './cached-models.js'
export {
  createEmbedder,
  type EmbeddedPart,
  type Embedder,
  type EmbedderInfo,
  type EmbedderOptions,
  type Embeddings,
  type EmbedOptions,
  type EmbedProgress,
  type FilesInput,
  type LoadProgress,
} from './embedder.js'
export { type ErrorCode, type ErrorDetails, InvalidArgumentError, Specter2Error } from './errors.js'
export type { CachedModel } from './model/model-cache.js'
export type { StorageState } from './model/open-model.js'
export type { AdapterName, Device, Dtype, Metric, PaperText } from './types.js'
export type { WorkerSource } from './worker-client.js'
