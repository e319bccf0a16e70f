export { clearCachedModels, deleteCachedModel, listCachedModels } from './cached-models.js'
export { droppedFiles } from './dropped-files.js'
export { createEmbedder, type EmbeddedPart, type Embedder, type EmbedderInfo, type Embeddings } from './embedder.js'
export { type ErrorCode, type ErrorDetails, InvalidArgumentError, Specter2Error } from './errors.js'
export type {
  AddOptions,
  AddResult,
  FilterOptions,
  Hit,
  IndexProgress,
  IndexWorkOptions,
  PaperIndexInfo,
  PaperIndexOptions,
  SearchOptions,
  SearchResult,
} from './index-options.js'
export type { ExportFormat, ImportResult, IndexStorage, ModelStamp, PutResult, SearchMode } from './library-protocol.js'
export type { CachedModel } from './model/model-cache.js'
export type { StorageState } from './model/open-model.js'
export { npyHeader } from './moves/npy.js'
export type { EmbedderOptions, EmbedOptions, EmbedProgress, FilesInput, HubOptions, LoadProgress } from './options.js'
export { type Example, type Examples, type IndexVectors, PaperIndex } from './paper-index.js'
export type { PaperRecord } from './papers/paper-record.js'
export {
  type BibliographyFiles,
  type ReadInWorkerOptions,
  readPapersInWorker,
  streamPapersInWorker,
  type WriteInWorkerOptions,
  writePapersInWorker,
} from './papers-in-worker.js'
export type { AdapterName, Device, Dtype, Metric, PaperText } from './types.js'
export type { WorkerSource } from './worker-client.js'
export type { Demotion } from './worker-pool.js'
