import type { ModelStamp } from '../model-folder/model-stamp.js'
import type { Paper } from '../papers/paper.js'
import type { Preset } from './finder-options.js'
import type { DuplicateResult } from './group-duplicates.js'
import type { MergedLibrary } from './merge-library.js'
import type { ReviewState } from './review.js'

/** Counts for the identification box of the PRISMA 2020 flow diagram (Page et al. 2021). */
export interface PrismaCounts {
  /** Records identified, by source. */
  identified: { source: string; records: number }[]
  /** All records identified. */
  total: number
  /** Duplicate records removed before screening. */
  duplicates: number
  /** Of these, the records in groups with a pair that a person judged the same. */
  byHand: number
  /** Records removed before screening for other reasons; 0 if left out. */
  removed?: number
  /** Records to be screened. */
  screened: number
  /** Number of pairs that a person judged the same, and different. */
  judged: { same: number; different: number }
}

/**
 * Counts the records of a review.
 *
 * @example
 * const { total, duplicates: removed, screened } = prismaCounts(papers, duplicates, mergeLibrary(papers, duplicates.groups), review)
 * console.log(total, removed, screened)
 */
export function prismaCounts(
  papers: readonly Paper[],
  { groups }: Pick<DuplicateResult, 'groups'>,
  { removed }: Pick<MergedLibrary, 'removed'>,
  review: ReviewState,
): PrismaCounts {
  const records = new Map<string, number>()
  for (const { source } of papers) records.set(source?.file ?? '', (records.get(source?.file ?? '') ?? 0) + 1)
  const same = new Set<string>()
  const different = new Set<string>()
  for (const step of review.steps) {
    if (step.type !== 'decide') continue
    for (const pair of step.pairs) {
      const key = JSON.stringify([...pair].sort())
      same.delete(key)
      different.delete(key)
      if (step.verdict === 'same') same.add(key)
      if (step.verdict === 'different') different.add(key)
    }
  }
  const isJudged = ({ a, b }: { a: string; b: string }) => same.has(JSON.stringify([a, b].sort()))
  return {
    identified: [...records].map(([source, count]) => ({ source, records: count })),
    total: papers.length,
    duplicates: removed.length,
    byHand: groups.filter(({ pairs }) => pairs.some(isJudged)).reduce((sum, { ids }) => sum + ids.length - 1, 0),
    screened: papers.length - removed.length,
    judged: { same: same.size, different: different.size },
  }
}

/** What the paragraph says about how duplicates were found. */
export interface MethodsOptions {
  /** Version of this package. */
  version: string
  /** The preset that was used. */
  preset: Preset
  /** The model whose vectors were compared, if any: its name, or its stamp (`PaperIndexInfo.model`). */
  model?: string | Pick<ModelStamp, 'id' | 'dtype' | 'adapter'> | undefined
}

/**
 * Writes a paragraph for the methods section of a review.
 *
 * @example
 * const counts = prismaCounts(papers, duplicates, mergeLibrary(papers, duplicates.groups), review)
 * console.log(methodsParagraph(counts, { version: '1.0.0', preset: 'balanced' }))
 */
export function methodsParagraph(counts: PrismaCounts, { version, preset, model }: MethodsOptions): string {
  const { identified, total, duplicates, byHand, removed = 0, screened, judged } = counts
  const records = (count: number) => `${count} record${count === 1 ? '' : 's'}`
  const sources = identified.filter(({ source }) => source !== '').map(({ source, records: count }) => `${source} (${count})`)
  const from = sources.length > 0 ? ` from ${sources.join(', ')}` : ''
  const vectors = model ? ` and by embeddings of titles and abstracts (${modelName(model)})` : ''
  const decided = judged.same + judged.different
  const byPerson =
    decided > 0
      ? ` A person judged ${decided} pair${decided === 1 ? '' : 's'}, ${judged.same} as the same and ${judged.different} as different; ${records(byHand)} were removed in groups with such a decision.`
      : ' No pair was judged by a person.'
  return `We identified ${records(total)}${from}. Duplicates were found with specter2-web ${version} (preset "${preset}"), which compares titles, authors, years, journals, volumes, issues, pages, identifiers and abstracts${vectors}.${byPerson} We removed ${records(duplicates)} as duplicates${removed > 0 ? ` and ${records(removed)} for other reasons` : ''}, and ${records(screened)} remained for screening.`
}

function modelName(model: NonNullable<MethodsOptions['model']>): string {
  if (typeof model === 'string') return model
  return `${model.id}, ${model.adapter === 'base' ? 'without an adapter' : `adapter ${model.adapter}`}, ${model.dtype}`
}
