/** Two papers by their places in a list, and how sure it is that they are the same. */
export interface Link {
  a: number
  b: number
  confidence: number
}

/** What may keep two groups apart. */
export interface GroupingOptions {
  /** Joined before all others and kept from being joined by {@link isForbidden} alone: a person's decisions, latest first. */
  given?: readonly Link[]
  /** Whether a person said that these two differ. */
  isForbidden?: (a: number, b: number) => boolean
  /** Whether the two may not be in one group by what their fields say; asked for every pair across two groups to be joined. */
  isVetoed: (a: number, b: number) => boolean
}

/** What became of the links. */
export interface Grouping {
  /** Groups of two and more, each in ascending order, by their first. */
  groups: number[][]
  /** Links that would have put two into one group that must not be. */
  refused: Link[]
}

/**
 * Joins linked papers, surest links first (single linkage), but never two groups that a vetoed pair stands across: so that A
 * and C, which differ, do not meet through B, which lacks the field they differ in.
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
