import { InvalidArgumentError } from '../errors.js'
import type { Paper, PaperSource } from '../papers/paper.js'

/**
 * Fields that a merged paper may take from any of the papers.
 *
 * @example
 * const { paper } = mergePapers(papers)
 * for (const field of MERGED_FIELDS) console.log(field, paper[field])
 */
export const MERGED_FIELDS = [
  'title',
  'abstract',
  'authors',
  'year',
  'venue',
  'volume',
  'issue',
  'pages',
  'doi',
  'pmid',
  'arxivId',
  'url',
  'keywords',
  'type',
] as const satisfies (keyof Paper)[]

/** One of {@link MERGED_FIELDS}. */
export type MergedField = (typeof MERGED_FIELDS)[number]

/** Which paper is kept, and which fields are taken from others. */
export interface MergeOptions {
  /** Which paper is kept; of equal papers, the first. Default `most-complete`. */
  rule?: 'most-complete' | 'newest' | 'preferred-source'
  /** For `preferred-source`: names of sources (`source.file`), best first. Other sources follow by completeness. */
  preferredSources?: readonly string[]
  /** Id of the paper to keep; overrides the rule. */
  keeper?: string | undefined
  /** For some fields, the id of the paper to take it from; overrides the keeper's own. */
  fields?: Partial<Record<MergedField, string>>
}

/** A paper that replaces several, and where its fields are from. */
export interface MergedPaper {
  /** The kept paper, under its own id and key, completed from the others. */
  paper: Paper
  /** The id of the paper from which each field is. */
  provenance: Partial<Record<MergedField, string>>
  /** The papers that it replaces, the kept one first, with their keys and sources. */
  from: { id: string; key?: string; source?: PaperSource }[]
}

/**
 * Merges papers that are the same: the fields of the kept paper, completed from the others, best by the rule first. Does not change
 * the papers.
 *
 * @throws InvalidArgumentError if there are no papers, or if `keeper` or `fields` names a paper that is not among them.
 * @example
 * const { paper, provenance } = mergePapers(papers.slice(0, 2), { rule: 'most-complete' })
 * console.log(paper.doi, 'is from', provenance.doi)
 */
export function mergePapers(papers: readonly Paper[], options: MergeOptions = {}): MergedPaper {
  const { keeper, fields = {} } = options
  if (papers.length === 0) throw new InvalidArgumentError('papers', papers, 'at least one paper')
  const byId = new Map(papers.map((paper) => [paper.id, paper]))
  for (const [field, id] of Object.entries({ keeper, ...fields }))
    if (id !== undefined && !byId.has(id)) throw new InvalidArgumentError(field, id, 'the id of one of the papers')
  const ranked = [...papers].sort((a, b) => Number(b.id === keeper) - Number(a.id === keeper) || compareBy(options, a, b))
  const kept = ranked[0]!
  const merged: Paper = { ...kept }
  const provenance: MergedPaper['provenance'] = {}
  for (const field of MERGED_FIELDS) {
    const chosen = fields[field] === undefined ? ranked.find((paper) => has(paper, field)) : byId.get(fields[field])
    if (!chosen || !has(chosen, field)) continue
    Object.assign(merged, { [field]: structuredClone(chosen[field]) })
    provenance[field] = chosen.id
  }
  return {
    paper: merged,
    provenance,
    from: ranked.map(({ id, key, source }) => ({ id, ...(key !== undefined && { key }), ...(source && { source }) })),
  }
}

function has(paper: Paper, field: MergedField): boolean {
  const value = paper[field]
  return value !== undefined && value !== null && (typeof value === 'number' || value.length > 0)
}

function compareBy({ rule = 'most-complete', preferredSources = [] }: MergeOptions, a: Paper, b: Paper): number {
  if (rule === 'newest') return (b.year ?? 0) - (a.year ?? 0) || completeness(b) - completeness(a)
  if (rule === 'preferred-source') {
    const rank = ({ source }: Paper) => {
      const at = preferredSources.indexOf(source?.file ?? '')
      return at < 0 ? preferredSources.length : at
    }
    return rank(a) - rank(b) || completeness(b) - completeness(a)
  }
  return completeness(b) - completeness(a)
}

/** The number of fields, plus a fraction that grows with the lengths of abstract and author list. */
function completeness(paper: Paper): number {
  const count = MERGED_FIELDS.filter((field) => has(paper, field)).length
  const text = Math.min(1, (paper.abstract?.length ?? 0) / 10_000) + Math.min(1, (paper.authors?.length ?? 0) / 1000)
  return count + text / 4
}
