import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pauses } from '../../core/async/pauses.js'
import { comparePrepared } from '../../core/duplicates/compare-papers.js'
import { type PreparedPaper, preparePaper } from '../../core/duplicates/prepared-paper.js'
import { recurringTitles } from '../../core/duplicates/recurring-titles.js'
import { VenueAliases } from '../../core/duplicates/venue-aliases.js'
import { Specter2Error } from '../../core/errors.js'
import type { Paper } from '../../core/papers/paper.js'
import { type TextLine, textLines } from '../json-lines.js'
import type { Row } from '../report.js'

/** A pair of records, and whether they are the same paper. */
interface LabelledPair {
  a: PreparedPaper
  b: PreparedPaper
  isSame: boolean
}

/** Pairs count as the same from this confidence on, unless a training file gives a better one. */
const DEFAULT_THRESHOLD = 0.4
/** Venue names are learned from pairs of at least this confidence. */
const LEARNING_THRESHOLD = 0.5

/**
 * Evaluates pairs in the format of DeepMatcher and Ditto: `<variant>/<set>.valid.txt` and `.test.txt`, whose lines are
 * `COL title VAL …`, a tab, the other record, a tab, and 0 or 1. If there is a `<set>.train.txt` beside, the threshold with the
 * best F1 on it is used.
 */
export async function evaluatePairs(folder: string, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = []
  const pause = pauses(signal)
  for (const variant of await foldersOf(folder)) {
    const files = (await readdir(join(folder, variant))).filter((name) => name.endsWith('.txt')).sort()
    for (const file of files.filter((name) => /\.(?:valid|test)\.txt$/.test(name))) {
      await pause()
      const train = file.replace(/\.(?:valid|test)\.txt$/, '.train.txt')
      const confidence = files.includes(train)
        ? bestThreshold(await compareFile(join(folder, variant, train)))
        : DEFAULT_THRESHOLD
      rows.push({
        set: basename(file, '.txt'),
        variant: variant || '.',
        ...score(await compareFile(join(folder, variant, file)), confidence),
        confidence,
      })
    }
  }
  if (rows.length === 0)
    throw new Specter2Error('DAMAGED_FILE', `There is no *.valid.txt or *.test.txt in ${folder} or its subfolders.`, {
      details: { folder },
    })
  return rows
}

/** The folder itself, as `''`, and its subfolders. */
async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return ['', ...entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)].sort()
}

interface ComparedPair {
  confidence: number
  isSame: boolean
}

/** The confidence of each pair, 0 if it is vetoed. Venue names are learned from the pairs themselves, without their labels. */
async function compareFile(path: string): Promise<ComparedPair[]> {
  const pairs: LabelledPair[] = []
  for await (const line of textLines(path)) pairs.push(parsePair(line))
  const recurring = recurringTitles(pairs.flatMap(({ a, b }) => [a, b]))
  const isRecurring = ({ a, b }: LabelledPair) => recurring.has(a.title.compact) && recurring.has(b.title.compact)
  const venueAliases = new VenueAliases()
  for (const pair of pairs) {
    const evidence = comparePrepared(pair.a, pair.b, { isRecurring: isRecurring(pair), isDamaged: true })
    if (evidence.confidence >= LEARNING_THRESHOLD)
      venueAliases.add(evidence, pair.a.venue?.compact ?? '', pair.b.venue?.compact ?? '')
  }
  return pairs.map((pair) => {
    const { veto, confidence } = comparePrepared(pair.a, pair.b, {
      isRecurring: isRecurring(pair),
      isDamaged: true,
      venueAliases,
    })
    return { confidence: veto === null ? confidence : 0, isSame: pair.isSame }
  })
}

function parsePair({ text, damaged }: TextLine): LabelledPair {
  const [a, b, label] = text.split('\t')
  if (a === undefined || b === undefined || (label?.trim() !== '0' && label?.trim() !== '1'))
    throw damaged('expected two records and 0 or 1, separated by tabs')
  return { a: preparePaper(parseRecord(a, 'a')), b: preparePaper(parseRecord(b, 'b')), isSame: label.trim() === '1' }
}

/** `COL title VAL … COL authors VAL … COL venue VAL … COL year VAL …`. */
function parseRecord(text: string, id: string): Paper {
  const columns = new Map(
    [...decodeEntities(text).matchAll(/COL (\w+) VAL (.*?)(?=\s*COL \w+ VAL|$)/g)].map(([, name, value]) => [
      name!,
      value!.trim(),
    ]),
  )
  const year = Math.round(Number(columns.get('year') || Number.NaN))
  const names = (columns.get('authors') ?? '').split(',').map((name) => name.trim())
  return {
    id,
    title: columns.get('title') ?? '',
    authors: names.filter((name) => name !== '').map((name) => ({ name })),
    venue: columns.get('venue') ?? '',
    ...(Number.isInteger(year) ? { year } : {}),
  }
}

/** The files are tokenized, with spaces around entities: `j &#233; r &#244; me`. */
const decodeEntities = (text: string) =>
  text.replaceAll(/\s*&\s*#\s*(\d{1,6})\s*;\s*/g, (_, code) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))

function score(pairs: readonly ComparedPair[], threshold: number) {
  let truePositives = 0
  let found = 0
  let same = 0
  for (const { confidence, isSame } of pairs) {
    if (confidence >= threshold) found++
    if (isSame) same++
    if (isSame && confidence >= threshold) truePositives++
  }
  return {
    f1: (2 * truePositives) / Math.max(1, found + same),
    precision: truePositives / Math.max(1, found),
    recall: truePositives / Math.max(1, same),
  }
}

function bestThreshold(pairs: readonly ComparedPair[]): number {
  const steps = Array.from({ length: 19 }, (_, step) => (step + 1) / 20)
  return steps.reduce((best, step) => (score(pairs, step).f1 > score(pairs, best).f1 ? step : best))
}
