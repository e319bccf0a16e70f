import type { Metric } from '../types.js'

/** Facts about a model that its files leave out or get wrong. */
export interface ModelOptions {
  /**
   * Published name. Default: that of the folder, since `_name_or_path` of config.json often names the model it was trained from.
   */
  id?: string | undefined
  /** Revision of the published files. Default: a digest of the weights. */
  revision?: string | undefined
  /** SPDX identifier of the licence. Default `unknown`. */
  license?: string | undefined
  /** Default: by `1_Pooling/config.json`; without that, `cls` if there are adapters. */
  pooling?: 'cls' | 'mean' | undefined
  /** Default: whether `modules.json` has a Normalize module. */
  normalized?: boolean | undefined
  /** Default: by `sentence_bert_config.json`, then `tokenizer_config.json`, then the position embeddings. */
  maxTokens?: number | undefined
  /** Default: by `config_sentence_transformers.json`; without that, `cosine` for normalised or mean-pooled vectors, else `euclidean`. */
  metric?: Metric | undefined
  /**
   * Text of a paper from `{title}` and `{abstract}`. Default: title + [SEP] + abstract for SPECTER's family (first token, not
   * normalised), else joined by a space and trimmed; after the prompt for documents of `config_sentence_transformers.json`, if
   * there is one.
   */
  paperTemplate?: string | undefined
  /** Text of a query from `{query}`. Default: the query itself, after the prompt for queries, if there is one. */
  queryTemplate?: string | undefined
}
