/** Words that do not tell what a paper is about. */
const STOP_WORDS = new Set(
  `a about above after all also although an and any are as at based be because been before being between both but by can could did do
  does each either et al few for from further had has have having how however i if in into is it its may might more most much must near
  new no non not of on one only or other our out over own per same several shall she should show showed shown shows since so some such
  than that the their them then there these they this those through thus to too two three toward towards under until up upon use used
  uses using very via was we were what when where whether which while who whose why will with within without would yet you your
  paper papers study studies article work results result propose proposed present presented presents approach approaches method methods
  novel introduce investigate analysis different demonstrate existing find findings first well many recent provide provides`.split(
    /\s+/,
  ),
)

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu
/** The rest of a longer text says little more about its subject. */
const MAX_CHARACTERS = 3000
const TERMS = 3

/**
 * Names clusters by the words and pairs of words that are frequent in them and rare elsewhere: class-based TF-IDF (Grootendorst 2022).
 * It counts papers rather than occurrences, so that no single abstract names its cluster.
 *
 * @param labels The cluster of each text; -1 if it is in none.
 * @returns At most three terms for each cluster, the most telling first.
 */
export function nameClusters(texts: readonly string[], labels: ArrayLike<number>, clusters: number): string[][] {
  const sizes = new Array<number>(clusters).fill(0)
  const inAll = new Map<string, number>()
  const inCluster = Array.from({ length: clusters }, () => new Map<string, number>())
  for (const [index, text] of texts.entries()) {
    const own = inCluster[labels[index]!]
    if (own) sizes[labels[index]!]!++
    for (const term of termsOf(text)) {
      inAll.set(term, (inAll.get(term) ?? 0) + 1)
      own?.set(term, (own.get(term) ?? 0) + 1)
    }
  }
  return inCluster.map((counts, cluster) => {
    const size = sizes[cluster]!
    const least = Math.max(2, size * 0.03)
    const scored: { term: string; score: number }[] = []
    for (const [term, count] of counts) {
      if (count < least) continue
      const share = count / size
      const elsewhere = inAll.get(term)! / texts.length
      scored.push({ term, score: share * Math.log(1 + share / elsewhere) * (term.includes(' ') ? 1.6 : 1) })
    }
    scored.sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1))
    return distinct(scored.map(({ term }) => term)).slice(0, TERMS)
  })
}

/** The distinct words and pairs of words; only space separates the words of a pair. */
function termsOf(text: string): Set<string> {
  const terms = new Set<string>()
  const read = text.slice(0, MAX_CHARACTERS).toLowerCase()
  let before = ''
  let end = 0
  for (const { 0: word, index } of read.matchAll(WORD)) {
    const isTelling = word.length > 2 && !STOP_WORDS.has(word) && !/^\d+$/.test(word)
    const isNext = before !== '' && read.slice(end, index).trim() === ''
    if (isTelling) terms.add(word)
    if (isTelling && isNext) terms.add(`${before} ${word}`)
    before = isTelling ? word : ''
    end = index + word.length
  }
  return terms
}

/** The first terms that do not repeat a word of an earlier one, nor its variant: `parsers` after `parser`. */
function distinct(terms: readonly string[]): string[] {
  const kept: string[] = []
  const seen = new Set<string>()
  for (const term of terms) {
    const stems = term.split(' ').map((word) =>
      word
        .replace(/(?:ies|y)$/, 'i')
        .replace(/s$/, '')
        .slice(0, 6),
    )
    if (stems.some((stem) => seen.has(stem))) continue
    for (const stem of stems) seen.add(stem)
    kept.push(term)
    if (kept.length === TERMS) break
  }
  return kept
}
