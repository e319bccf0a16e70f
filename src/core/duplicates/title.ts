import { foldCase, isStopWord, wordsOf } from './fold-text.js'

/** The kind of notice about another text that a title announces. Papers of different kinds are never the same. */
export type Notice = 'correction' | 'retraction' | 'reply' | 'comment' | 'protocol' | 'abstract'

/** A title prepared for comparison. */
export interface PreparedTitle {
  words: readonly string[]
  /** Its words joined, so that `CO 2` and `CO2` are the same. */
  compact: string
  /** {@link compact} without text in brackets, unless little would remain. */
  core: string
  /** Its numbers in order, including the Roman numerals of parts: `Part II` has `2`. */
  numbers: readonly string[]
  notice: Notice | null
  /** Whether it is a heading that many texts share: `Editorial`, `Contents`, `Book reviews`. */
  isHeading: boolean
  /** Whether it ends in an ellipsis. */
  isCut: boolean
}

/** What databases add to the end of a title in brackets. */
const ADDED =
  /\s*[[(](?:review|\d+ refs?|provisional abstract|structured abstract|abstract|letter|editorial|comment|see comments?|summary|corrected|author'?s transl|proceedings|meeting abstract|conference abstract|electronic resource|(?:in )?(?:english|french|german|russian|spanish|chinese|japanese|italian|portuguese|polish|turkish|korean|czech|dutch|danish|swedish|norwegian|hungarian|persian|hebrew|arabic|ukrainian|serbian|croatian|greek))[\])]\s*\.?\s*$/i

const NOTICES: readonly (readonly [Notice, RegExp])[] = [
  ['retraction', /^\W*(?:retracted|retraction|withdrawn|notice of retraction|retracted article)\b/],
  [
    'correction',
    /^\W*(?:erratum|errata|corrigendum|corrigenda|correction|publisher'?s? correction|author correction|addendum)\b/,
  ],
  ['correction', /[[(:.-]\s*(?:erratum|corrigendum|correction|addendum)[\])]?\W*$/],
  [
    'reply',
    /^\W*(?:repl(?:y|ies)|response|authors?'? (?:repl(?:y|ies)|response)|in repl(?:y|ies)|rejoinder)\b(?: to\b|:|\.|$| from\b| by\b)/,
  ],
  ['reply', /[[(:.-]\s*(?:(?:the )?authors?'? )?(?:reply|response|rejoinder)[\])]?\W*$/],
  ['comment', /^\W*(?:re|comments?|commentary|letter)\s*(?::| on\b| to\b)/],
  ['comment', /[[(:.-]\s*(?:comment(?:ary)?|letter to the editor)[\])]?\W*$/],
  ['protocol', /\b(?:(?:study|trial|review) protocol|protocol (?:for|of) (?:a|an|the)\b)/],
]

const HEADING =
  /^(?:guest |the )?(?:editorials?|editorial board|foreword|preface|introduction|contents?|table of contents|in this issue|letters?|letters? to the editor|correspondence|news|book reviews?|reviews?|abstracts?|conclusions?|discussion|summary|obituary|announcements?|index|author index|subject index|front matter|back matter|frontmatter|errat(?:um|a)|corrigend(?:um|a)|corrections?|reply|authors? reply|response|comments?|commentary|editors? note|(?:(?:from|by) )?(?:the )?editors?(?: in chief)?(?:s? (?:notes?|comments?|remarks|choice|page|letter|message|column|introduction|desk|corner|picks?))?|message from the editors?|notes? from the editors?|(?:remarks|comments?) (?:from|by) .{0,60}editors? .{0,20}comments?|acknowledg?ments?|title page|cover|untitled|no title|no title available|poster abstracts|oral presentations|poster presentations|conference proceedings|proceedings)(?: \d+)?$/

const ROMAN = new Map('i ii iii iv v vi vii viii ix x xi xii'.split(' ').map((numeral, index) => [numeral, String(index + 1)]))
/** Words after which a single letter may be a Roman numeral. */
const COUNTED = new Set(
  'part parts pt phase stage type chapter volume vol study grade class section paper report book episode version'.split(' '),
)
const NUMBER_WORDS = new Map(
  ['one two three four five', 'first second third fourth fifth'].flatMap((words) =>
    words.split(' ').map((word, index) => [word, String(index + 1)] as const),
  ),
)

/** The least length of a title without its brackets. */
const CORE_CHARACTERS = 14

export function prepareTitle(raw: string): PreparedTitle {
  let text = raw
    .replaceAll(/<\/?[a-z][^>]{0,60}>/gi, '')
    .replaceAll(/&(?:[a-z]{2,8}|#\d{1,6});/gi, ' ')
    .trim()
  const bare = foldCase(text)
  const isAbstract =
    /[[(](?:meeting|conference) abstract[\])]\s*\.?$|^\W*(?:abstract|poster)\s*(?:no\.?\s*)?[a-z]{0,3}-?\d+\b/.test(bare)
  // There may be several: `[Review] [33 refs]`.
  for (let shorter = text.replace(ADDED, ''); shorter !== text && shorter !== ''; shorter = text.replace(ADDED, ''))
    text = shorter
  const folded = foldCase(text)
  const words = numbered(wordsOf(folded))
  const compact = words.join('')
  const core = /[[(]/.test(folded) ? numbered(wordsOf(folded.replaceAll(/[[(][^\])]*[\])]/g, ' '))).join('') : compact
  return {
    words,
    compact,
    core: core.length >= CORE_CHARACTERS ? core : compact,
    numbers: compact.match(/\d+/g) ?? [],
    notice: NOTICES.find(([, pattern]) => pattern.test(folded))?.[0] ?? (isAbstract ? 'abstract' : null),
    isHeading: compact === '' || HEADING.test(words.join(' ')),
    isCut: /(?:\.\.\.|…)\s*$/.test(raw),
  }
}

/** Writes the numbers of parts in digits: Roman numerals of at least two letters anywhere, `i`, `v` and `x` after a counted word. */
function numbered(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const isCounted = index > 0 && COUNTED.has(words[index - 1]!)
    const number = (isCounted ? NUMBER_WORDS.get(word) : undefined) ?? ROMAN.get(word) ?? word
    const isLast = index === words.length - 1
    return word.length > 1 || isCounted || (isLast && index > 2 && word === 'i') ? number : word
  })
}

/** The words that are not stop words. */
export const contentWords = (words: readonly string[]) => words.filter((word) => !isStopWord(word))
