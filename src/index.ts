export { type ErrorCode, type ErrorDetails, InvalidArgumentError, Specter2Error } from './core/errors.js'
export { npyHeader } from './core/index-file/npy.js'
export type { GivenModel } from './core/model-folder/given-model.js'
export type { ModelStamp } from './core/model-folder/model-stamp.js'
export type { AnyPaper, PaperRecord } from './core/papers/paper-record.js'
export type { PaperVectors } from './core/papers/vectors/paper-vectors.js'
export type { LikenessRange, LikenessScale } from './core/search/likeness.js'
export { type NearestOptions, type NearestVector, nearest, similarity, type VectorSpace } from './core/search/nearest.js'
export type { ParsedQuery, QueryPart } from './core/search/query-language.js'
export type { SearchField } from './core/search/search-fields.js'
export type {
  AdapterName,
  Device,
  Dtype,
  EncoderTier,
  EngineChoice,
  EngineName,
  Metric,
  PaperText,
  StorageState,
} from './core/types.js'
export type { CachedModel } from './model/model-cache.js'
export {
  type BibliographyFiles,
  type ReadInWorkerOptions,
  readPapersInWorker,
  streamPapersInWorker,
  type WriteInWorkerOptions,
  writePapersInWorker,
} from './page/bibliographies/papers-in-worker.js'
export { clearCachedModels, deleteCachedModel, listCachedModels } from './page/cached-models.js'
export { droppedFiles } from './page/dropped-files.js'
export { createEmbedder, type Embedder } from './page/embedder/embedder.js'
export type {
  Demotion,
  EmbedderOptions,
  EmbedOptions,
  EmbedProgress,
  FilesInput,
  HubOptions,
  LoadProgress,
} from './page/embedder/embedder-options.js'
export type { EmbeddedPart, EmbedderInfo, Embeddings } from './page/embedder/embeddings.js'
export {
  fitClassifierInWorker,
  fitMultiLabelClassifierInWorker,
  fitRegressorInWorker,
  type HeadWorkerOptions,
} from './page/heads/heads-in-worker.js'
export type { VectorsInput } from './page/paper-index/given-vectors.js'
export type { IndexData } from './page/paper-index/index-data.js'
export type {
  AddOptions,
  AddResult,
  Example,
  Examples,
  FilterOptions,
  IndexVectors,
  IndexWorkOptions,
  PaperIndexInfo,
  PaperIndexOptions,
  SearchOptions,
  SearchResult,
} from './page/paper-index/index-options.js'
export { PaperIndex } from './page/paper-index/paper-index.js'
export {
  RemoteIndex,
  type RemoteIndexInfo,
  type RemoteIndexOptions,
  type RemoteSearchResult,
} from './page/remote-index/remote-index.js'
export type {
  ExportFormat,
  Hit,
  ImportResult,
  IndexProgress,
  IndexStorage,
  PutResult,
  SearchCounts,
  SearchMode,
} from './workers/library/library-protocol.js'
export type { WorkerSource } from './workers/rpc/start-worker.js'
