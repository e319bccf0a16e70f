/** How a task of SciRepEval asks for vectors: two formats of ranking, two of linear heads. */
export type TaskFormat = 'proximity' | 'adhoc-search' | 'classification' | 'regression'

/** The groups over which the published tables take means. */
export type TaskGroup = 'In-Train' | 'Out-of-Train' | 'SciDocs'

/** A task of SciRepEval, by the names of its configurations in the published data sets. */
export interface PublishedTask {
  name: string
  format: TaskFormat
  group: TaskGroup
  /** Configuration with the texts. */
  texts: string
  /** Configuration with the judgements or labels. */
  judgements: string
  /** Each counts in the means on its own in SciDocs, as one mean elsewhere. */
  metrics: readonly ('map' | 'ndcg' | 'p5' | 'p10' | 'f1' | 'macroF1' | 'kendallTau')[]
  /** Sizes of few-shot runs and how many samples of each. */
  fewShot?: readonly { size: number; runs: number }[]
  /** Fields of a paper's text. Default: title and abstract. */
  fields?: readonly string[]
  /** Candidates are reviewers, judged by their papers. */
  reviewers?: string
}

const task = (
  name: string,
  format: TaskFormat,
  group: TaskGroup,
  [texts, judgements]: readonly [string, string?],
  metrics: PublishedTask['metrics'],
  more: Pick<PublishedTask, 'fewShot' | 'fields' | 'reviewers'> = {},
): PublishedTask => ({ name, format, group, texts, judgements: judgements ?? texts, metrics, ...more })

/** All tasks but S2AND, which has an evaluation of its own with clusters of authors. */
export const TASKS: readonly PublishedTask[] = [
  task('MeSH Descriptors', 'classification', 'In-Train', ['mesh_descriptors'], ['macroF1']),
  task('Fields of study', 'classification', 'In-Train', ['fos'], ['macroF1'], {
    fewShot: [
      { size: 10, runs: 50 },
      { size: 5, runs: 100 },
    ],
  }),
  task('Citation Count', 'regression', 'In-Train', ['cite_count'], ['kendallTau']),
  task('Publication Year', 'regression', 'In-Train', ['pub_year'], ['kendallTau']),
  task('Same Author Detection', 'proximity', 'In-Train', ['same_author'], ['map']),
  task('Highly Influential Citations', 'proximity', 'In-Train', ['high_influence_cite'], ['map']),
  task('Search', 'adhoc-search', 'In-Train', ['search'], ['ndcg'], { fields: ['title', 'abstract', 'venue', 'year'] }),
  task('Biomimicry', 'classification', 'Out-of-Train', ['biomimicry'], ['f1'], {
    fewShot: [
      { size: 64, runs: 50 },
      { size: 16, runs: 100 },
    ],
  }),
  task('DRSM', 'classification', 'Out-of-Train', ['drsm'], ['macroF1'], {
    fewShot: [
      { size: 64, runs: 50 },
      { size: 24, runs: 100 },
    ],
  }),
  task('Peer Review Score', 'regression', 'Out-of-Train', ['peer_review_score_hIndex', 'peer_review_score'], ['kendallTau']),
  task('Max hIndex', 'regression', 'Out-of-Train', ['peer_review_score_hIndex', 'hIndex'], ['kendallTau']),
  task('Tweet Mentions', 'regression', 'Out-of-Train', ['tweet_mentions'], ['kendallTau']),
  task('Paper-Reviewer Matching', 'proximity', 'Out-of-Train', ['paper_reviewer_matching'], ['p5', 'p10'], {
    reviewers: 'reviewers',
  }),
  task('Feeds-1', 'proximity', 'Out-of-Train', ['feeds_1'], ['map']),
  task('Feeds-M', 'proximity', 'Out-of-Train', ['feeds_m'], ['map']),
  task('Feeds Title', 'adhoc-search', 'Out-of-Train', ['feeds_title'], ['map']),
  task('TREC-CoVID', 'adhoc-search', 'Out-of-Train', ['trec_covid'], ['ndcg']),
  task('RELISH', 'proximity', 'Out-of-Train', ['relish'], ['ndcg']),
  task('NFCorpus', 'adhoc-search', 'Out-of-Train', ['nfcorpus'], ['ndcg']),
  task('SciDocs MAG', 'classification', 'SciDocs', ['scidocs_mag_mesh', 'scidocs_mag'], ['macroF1']),
  task('SciDocs MeSH', 'classification', 'SciDocs', ['scidocs_mag_mesh', 'scidocs_mesh'], ['macroF1']),
  task('SciDocs Cite', 'proximity', 'SciDocs', ['scidocs_view_cite_read', 'scidocs_cite'], ['map', 'ndcg']),
  task('SciDocs CoCite', 'proximity', 'SciDocs', ['scidocs_view_cite_read', 'scidocs_cocite'], ['map', 'ndcg']),
  task('SciDocs CoView', 'proximity', 'SciDocs', ['scidocs_view_cite_read', 'scidocs_view'], ['map', 'ndcg']),
  task('SciDocs CoRead', 'proximity', 'SciDocs', ['scidocs_view_cite_read', 'scidocs_read'], ['map', 'ndcg']),
]

/** Figures as they were published: means of SciRepEval, and MDCR. */
export const PUBLISHED: readonly Readonly<Record<string, string | number>>[] = [
  { model: 'BM25', mdcrMap: 33.7, mdcrRecallAt5: 28.5 },
  { model: 'SPECTER', inTrain: 54.7, outOfTrain: 57.4, average: 68.0, mdcrMap: 30.6, mdcrRecallAt5: 25.5 },
  { model: 'SciNCL', inTrain: 55.6, outOfTrain: 57.8, average: 69.0, mdcrMap: 32.6, mdcrRecallAt5: 27.3 },
  { model: 'SciRepEval-Adapters', inTrain: 61.9, outOfTrain: 59.0, average: 70.9, mdcrMap: 35.3, mdcrRecallAt5: 29.6 },
  { model: 'SPECTER2 with adapters', inTrain: 62.3, outOfTrain: 59.2, average: 71.2, mdcrMap: 38.4, mdcrRecallAt5: 33.0 },
]
