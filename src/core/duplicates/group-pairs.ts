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
  /** A person's decisions, latest first: joined before all other links, and only {@link forbidden} prevents that. */
  given?: readonly Link[]
  /** Pairs that differ, as a person decided. */
  forbidden?: readonly Link[]
  /** Whether their fields say that the two differ; asked for pairs across two groups before these are joined. */
  isVetoed: (a: number, b: number) => boolean
  /** The place of the first paper that is equal to this one. Default: the paper's own. */
  firstOf?: (place: number) => number
}

/** The groups, and the links that were not joined. */
export interface Grouping {
  /** Groups of two or more, each in ascending order, sorted by their first place. */
  groups: number[][]
  /** Links that would have put two papers that differ into one group. */
  refused: Link[]
}

/** Papers of a group; of equal papers, one is enough to compare. */
interface Group {
  members: number[]
  distinct: number[]
}

/** No work has more records that differ; above this, a group is compared by some of them. */
const MOST_DISTINCT = 40
/** After so many links, work pauses if need be. */
const LINKS = 256

/**
 * Joins linked papers, most confident links first (single linkage), but never two groups with a vetoed pair between them: A and
 * C, which differ, must not meet through B, which lacks the field in which they differ.
 *
 * @returns A generator that yields now and then, and returns the groups.
 */
export function* groupPairs(
  links: readonly Link[],
  { given = [], forbidden = [], isVetoed, firstOf = (place) => place }: GroupingOptions,
): Generator<void, Grouping, void> {
  const groupOf = new Map<number, Group>()
  const refused: Link[] = []
  const groupFor = (item: number) => groupOf.get(item) ?? { members: [item], distinct: [firstOf(item)] }
  const isForbidden = (a: Group, b: Group) =>
    forbidden.some((pair) => {
      const [groupA, groupB] = [groupOf.get(pair.a), groupOf.get(pair.b)]
      const isIn = (group: Group, found: Group | undefined, place: number) => found === group || group.members[0] === place
      return (isIn(a, groupA, pair.a) && isIn(b, groupB, pair.b)) || (isIn(b, groupA, pair.a) && isIn(a, groupB, pair.b))
    })
  const join = (link: Link, isBarred: (a: Group, b: Group) => boolean) => {
    const a = groupFor(link.a)
    const b = groupFor(link.b)
    if (a === b) return
    if (isBarred(a, b)) {
      refused.push(link)
      return
    }
    const [small, large] = a.members.length <= b.members.length ? [a, b] : [b, a]
    for (const member of small.members) large.members.push(member)
    for (const place of small.distinct) if (!large.distinct.includes(place)) large.distinct.push(place)
    for (const item of [...small.members, large.members[0]!]) groupOf.set(item, large)
  }
  for (const link of given) join(link, isForbidden)
  const sorted = [...links].sort((x, y) => y.confidence - x.confidence || x.a - y.a || x.b - y.b)
  for (const [index, link] of sorted.entries()) {
    if (index % LINKS === LINKS - 1) yield
    join(
      link,
      (a, b) => isForbidden(a, b) || some(a.distinct).some((x) => some(b.distinct).some((y) => x !== y && isVetoed(x, y))),
    )
  }
  const groups = [...new Set(groupOf.values())].map(({ members }) => members.sort((a, b) => a - b))
  return { groups: groups.sort((a, b) => a[0]! - b[0]!), refused }
}

/** All of a few places, or places spread over many. */
function some(places: readonly number[]): readonly number[] {
  if (places.length <= MOST_DISTINCT) return places
  return Array.from({ length: MOST_DISTINCT }, (_, index) => places[Math.floor((index * places.length) / MOST_DISTINCT)]!)
}
