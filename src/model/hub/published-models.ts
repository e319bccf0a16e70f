import type { ModelOptions } from '../../core/converter/model-options.js'
import type { AdapterName } from '../../core/types.js'

/** A published model: its repositories, and facts that their files do not contain. */
export interface PublishedModel {
  /** Published name of the base. */
  readonly id: string
  /** Repository of the base. */
  readonly base: string
  /** Repositories of the adapters, by the names that the adapters get. */
  readonly adapters: Readonly<Partial<Record<AdapterName, string>>>
  /** SPDX identifier according to the models' cards; `unknown` if one of them names no licence. */
  readonly license: string
  /** Attribution for the notice beside the weights. */
  readonly attribution: string
}

const SPECTER2 =
  "SPECTER2: Amanpreet Singh, Mike D'Arcy, Arman Cohan, Doug Downey, Sergey Feldman. SciRepEval: A Multi-Format Benchmark for Scientific Document Representations. EMNLP 2023. doi:10.18653/v1/2023.emnlp-main.338"
const SPECTER =
  'SPECTER: Arman Cohan, Sergey Feldman, Iz Beltagy, Doug Downey, Daniel S. Weld. SPECTER: Document-level Representation Learning using Citation-informed Transformers. ACL 2020. doi:10.18653/v1/2020.acl-main.207'
const SCINCL =
  'SciNCL: Malte Ostendorff, Nils Rethmeier, Isabelle Augenstein, Bela Gipp, Georg Rehm. Neighborhood Contrastive Learning for Scientific Document Representations with Citation Embeddings. EMNLP 2022. doi:10.18653/v1/2022.emnlp-main.802'

/** Published models by the names under which this package knows them. */
export const PUBLISHED_MODELS = {
  specter2: {
    id: 'allenai/specter2_base',
    base: 'allenai/specter2_base',
    adapters: {
      proximity: 'allenai/specter2',
      adhoc_query: 'allenai/specter2_adhoc_query',
      classification: 'allenai/specter2_classification',
      regression: 'allenai/specter2_regression',
    },
    license: 'Apache-2.0',
    attribution: SPECTER2,
  },
  'specter2-aug2023refresh': {
    id: 'allenai/specter2_aug2023refresh_base',
    base: 'allenai/specter2_aug2023refresh_base',
    adapters: {
      proximity: 'allenai/specter2_aug2023refresh',
      adhoc_query: 'allenai/specter2_aug2023refresh_adhoc_query',
      classification: 'allenai/specter2_aug2023refresh_classification',
      regression: 'allenai/specter2_aug2023refresh_regression',
    },
    license: 'Apache-2.0',
    attribution: SPECTER2,
  },
  specter: { id: 'allenai/specter', base: 'allenai/specter', adapters: {}, license: 'Apache-2.0', attribution: SPECTER },
  scincl: { id: 'malteos/scincl', base: 'malteos/scincl', adapters: {}, license: 'MIT', attribution: SCINCL },
  'scirepeval-adapters': {
    id: 'malteos/scincl',
    base: 'malteos/scincl',
    adapters: {
      proximity: 'allenai/scirepeval_adapters_prx',
      adhoc_query: 'allenai/scirepeval_adapters_qry',
      classification: 'allenai/scirepeval_adapters_clf',
      regression: 'allenai/scirepeval_adapters_rgn',
    },
    license: 'unknown',
    attribution: `${SCINCL} (MIT)\n\nThe adapters, whose cards name no licence, are of ${SPECTER2.replace('SPECTER2: ', '')}`,
  },
  minilm: {
    id: 'sentence-transformers/all-MiniLM-L6-v2',
    base: 'sentence-transformers/all-MiniLM-L6-v2',
    adapters: {},
    license: 'Apache-2.0',
    attribution:
      'all-MiniLM-L6-v2: Nils Reimers, Iryna Gurevych. Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks. EMNLP 2019. doi:10.18653/v1/D19-1410',
  },
} as const satisfies Readonly<Record<string, PublishedModel>>

/** Names of {@link PUBLISHED_MODELS}. */
export type PublishedModelName = keyof typeof PUBLISHED_MODELS

/** Whether `name` is one of {@link PUBLISHED_MODELS}. */
export function isPublishedModel(name: string): name is PublishedModelName {
  return Object.hasOwn(PUBLISHED_MODELS, name)
}

/** How a repository is used. */
export type HubRole = 'base' | 'adapter'

/**
 * Names under which one repository is or was published, the newest first. `allenai/specter2` used to be the base and is an
 * adapter now: its files show which of the two a hub means.
 */
const NAMES: Readonly<Record<HubRole, readonly (readonly string[])[]>> = {
  base: [['allenai/specter2_base', 'allenai/specter2']],
  adapter: [['allenai/specter2', 'allenai/specter2_proximity']],
}

/** `repo`, and other names of the same repository in this role. */
export function namesOf(repo: string, role: HubRole): string[] {
  const others = NAMES[role].find((names) => names.includes(repo)) ?? []
  return [repo, ...others.filter((name) => name !== repo)]
}

type CardOptions = Pick<ModelOptions, 'pooling' | 'normalized' | 'metric' | 'paperTemplate' | 'queryTemplate'>

const FIRST_TOKEN: CardOptions = { pooling: 'cls', normalized: false, metric: 'euclidean' }
const BGE_QUERY = 'Represent this sentence for searching relevant passages: {query}'

/** Usage of models according to their cards, by the name of the base's repository. */
const CARDS: readonly (readonly [repo: RegExp, options: CardOptions])[] = [
  [/^allenai\/specter(2(_aug2023refresh)?(_base)?)?$/, FIRST_TOKEN],
  [/^sentence-transformers\/allenai-specter$/, FIRST_TOKEN],
  [/^malteos\/(scincl|PubMedNCL)$/, FIRST_TOKEN],
  [/^BAAI\/bge-(small|base|large)-en(-v1\.5)?$/, { queryTemplate: BGE_QUERY }],
  [
    /^intfloat\/e5-(small|base|large)(-v2)?$/,
    { pooling: 'mean', normalized: true, paperTemplate: 'passage: {title} {abstract}', queryTemplate: 'query: {query}' },
  ],
]

/** Options of a conversion from the card of the base in this repository, which its files leave out or give for another use. */
export function cardOptions(repo: string): CardOptions {
  return CARDS.find(([pattern]) => pattern.test(repo))?.[1] ?? {}
}
