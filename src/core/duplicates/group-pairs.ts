/** Two papers by their places in a list, and how likely it is that they are the same. */
export interface Link {
  a: number
  b: number
  confidence: number
}

/** Two places as one number, in either order; exact up to 67 million papers. */
export const pairKey = (a: number, b: number) => Math.min(a, b) * PLACES + Math.max(a, b)

/** The link of the pair that {@link pairKey} stands for. */
export const linkOf = (key: number, confidence: number): Link => ({ a: Math.floor(key / PLACES), b: key % PLACES, confidence })

const PLACES = 2 ** 26

/** What to join first, and what must stay apart. */
export interface GroupingOptions {
  /** A person's decisions, latest first: joined before all other links, and only {@link isForbidden} prevents that. */
  given?: readonly Link[]
  /** Whether a person decided that the two differ. */
  isForbidden?: (a: number, b: number) => boolean
  /** Whether their fields say that the two differ; asked for every pair across two groups before these are joined. */
  isVetoed: (a: number, b: number) => boolean
}

/** The groups, and the links that were not joined. */
export interface Grouping {
  /** Groups of two or more, each in ascending order, sorted by their first place. */
  groups: number[][]
  /** Links that would have put two papers that differ into one group. */
  refused: Link[]
}

/**
 * Joins linked papers, most confident links first (single linkage), but never two groups with a vetoed pair between them: A and
 * C, which differ, must not meet through B, which lacks the field in which they differ.
 */
export function groupPairs(
  links: readonly Link[],
  { given = [], isForbidden = () => false, isVetoed }: GroupingOptions,
): Grouping {
  const groupOf = new Map<number, number[]>()
  const refused: Link[] = []
  const groupFor = (item: number) => groupOf.get(item) ?? [item]
  const join = (link: Link, isBarred: (a: number, b: number) => boolean) => {
    const a = groupFor(link.a)
    const b = groupFor(link.b)
    if (a === b) return
    if (a.some((x) => b.some((y) => isBarred(x, y)))) {
      refused.push(link)
      return
    }
    const [small, large] = a.length <= b.length ? [a, b] : [b, a]
    large.push(...small)
    for (const item of large) groupOf.set(item, large)
  }
  for (const link of given) join(link, isForbidden)
  const sorted = [...links].sort((x, y) => y.confidence - x.confidence || x.a - y.a || x.b - y.b)
  for (const link of sorted) join(link, (a, b) => isForbidden(a, b) || isVetoed(a, b))
  const groups = [...new Set(groupOf.values())].map((group) => group.sort((a, b) => a - b))
  return { groups: groups.sort((a, b) => a[0]! - b[0]!), refused }
}
