import { InvalidArgumentError } from '../errors.js'
import { randomNumbers, shuffle } from '../random.js'
import type { PaperText } from '../types.js'
import { KNOWN, RelevanceModel } from './relevance-model.js'
import { answersOf, checkAnswer, checkLog, type ScreeningAnswer, type ScreeningLog, type ScreeningStep } from './screening-log.js'
import { type StoppingOptions, type StoppingStatement, stoppingTest } from './stopping.js'

/** A paper to screen. */
export interface ScreeningPaper extends PaperText {
  /** Unique among the papers. */
  id: string
  /** Keywords of authors or databases, read as words of the paper. */
  keywords?: readonly string[]
}

/** What {@link createScreening} takes. */
export interface ScreeningOptions {
  /** All papers of the review, screened or not. */
  papers: readonly ScreeningPaper[]
  /** Vectors of the papers, [papers, dimension], row-major; copied. Default: none, which ranks by words alone. */
  vectors?: Float32Array | undefined
  /** The review's question or its criteria, to rank by before there are answers. Default: the log's, else `''`. */
  question?: string | undefined
  /** Vector of the question, [dimension], as `embedder.embedQuery` makes it; copied. Default: its words alone. */
  questionVector?: Float32Array | undefined
  /** Decides what comes first if nothing is known yet, as a whole number. Default: the log's, else 0. */
  seed?: number | undefined
  /** Answers to go on from; those on papers that are missing are kept, and do not count. Default: none. */
  log?: ScreeningLog | undefined
}

/** `likeness`: the most likely inclusion first. `given`: as the papers come. */
export type ScreeningOrder = 'likeness' | 'given'

/** How far a screening is. */
export interface ScreeningProgress {
  /** All papers. */
  papers: number
  /** Papers that are included, excluded or maybe. */
  screened: number
  /** Papers that are included. */
  included: number
  /** Papers that are excluded. */
  excluded: number
  /** Papers to decide later. */
  maybe: number
  /** Papers skipped and not screened since. */
  skipped: number
  /** Papers screened since the last one that was included or maybe; all, if there is none. */
  sinceLastInclusion: number
  /** The curve: for each paper that was included or maybe, how many had been screened with it. Ascending. */
  foundAt: number[]
  /** Answers of the log on papers that are missing. */
  missing: number
}

/**
 * A reviewer's screening of a library, ranked again after each answer. Its state is a function of the papers and the log: whoever has both
 * gets the same ranking.
 *
 * @example
 * const screening = createScreening({ papers, vectors, question: 'Does reminding patients help?' })
 * for (const id of screening.next(2)) screening.answer(id, 'exclude', 'not about patients')
 * show(screening.progress)
 */
export class Screening {
  readonly #rows: ReadonlyMap<string, number>
  readonly #ids: readonly string[]
  readonly #model: RelevanceModel
  readonly #seed: number
  readonly #question: string
  readonly #steps: ScreeningStep[]
  #answers: Map<string, ScreeningStep>
  /** Rows by likeness; null if answers have changed since. */
  #ranking: Uint32Array | null = null

  /** @internal */
  constructor({ papers, vectors, question, questionVector, seed, log }: ScreeningOptions) {
    const { seed: loggedSeed, question: loggedQuestion, steps } = log ? checkLog(log, 'options.log') : EMPTY_LOG
    this.#seed = seed ?? loggedSeed
    this.#question = question ?? loggedQuestion
    if (!Number.isInteger(this.#seed)) throw new InvalidArgumentError('options.seed', seed, 'a whole number')
    this.#rows = rowsById(papers)
    this.#ids = [...this.#rows.keys()]
    checkVectors(papers.length, vectors, questionVector)
    this.#model = new RelevanceModel({
      texts: papers.map(({ title, abstract, keywords = [] }) => [title, abstract ?? '', ...keywords].join('\n')),
      vectors: vectors?.length ? vectors : null,
      question: this.#question,
      questionVector: questionVector ?? null,
      seed: this.#seed,
    })
    this.#steps = [...steps]
    this.#answers = answersOf(this.#steps)
  }

  /**
   * Ids of the papers to screen next, the first one first. Skipped papers come after all others. Ranks if answers have changed
   * since the last call.
   *
   * @param count How many at most; default 1.
   * @returns Fewer if fewer are left; none if all are screened.
   */
  next(count = 1, order: ScreeningOrder = 'likeness'): string[] {
    const rows = order === 'likeness' ? this.#rank() : this.#ids.keys()
    const found: string[] = []
    const skipped: string[] = []
    for (const row of rows) {
      if (found.length >= count) return found
      const id = this.#ids[row]!
      const answer = this.#answers.get(id)?.answer
      if (answer === undefined) found.push(id)
      else if (answer === 'skip') skipped.push(id)
    }
    return [...found, ...skipped].slice(0, count)
  }

  /**
   * Records an answer. Another one on the same paper replaces the first.
   *
   * @param reason Why, in words that are kept in the log; usually of an exclusion.
   * @throws InvalidArgumentError if the id is not of a paper, or the answer is none.
   */
  answer(id: string, answer: ScreeningAnswer, reason?: string): void {
    if (!this.#rows.has(id)) throw new InvalidArgumentError('id', id, 'the id of a paper of this screening')
    checkAnswer(answer, 'answer')
    this.#steps.push({ id, answer, ...(reason !== undefined && { reason }) })
    this.#changed()
  }

  /** Takes the last answer back. @returns It, or undefined if there was none. */
  undo(): ScreeningStep | undefined {
    const step = this.#steps.pop()
    this.#changed()
    return step
  }

  /** The last answer on a paper, if there is one. */
  answerOf(id: string): ScreeningStep | undefined {
    return this.#answers.get(id)
  }

  /** How far the screening is. */
  get progress(): ScreeningProgress {
    const counts = { include: 0, exclude: 0, maybe: 0, skip: 0 }
    const foundAt: number[] = []
    let missing = 0
    let screened = 0
    for (const { id, answer } of this.#answers.values()) {
      if (!this.#rows.has(id)) {
        missing++
        continue
      }
      counts[answer]++
      if (answer !== 'skip') screened++
      if (answer === 'include' || answer === 'maybe') foundAt.push(screened)
    }
    return {
      papers: this.#ids.length,
      screened,
      included: counts.include,
      excluded: counts.exclude,
      maybe: counts.maybe,
      skipped: counts.skip,
      sinceLastInclusion: screened - (foundAt.at(-1) ?? 0),
      foundAt,
      missing,
    }
  }

  /**
   * What the answers say about the relevant papers not seen yet, by {@link stoppingTest}. A maybe counts as relevant.
   *
   * @throws InvalidArgumentError if an option is invalid.
   */
  stopping(options: StoppingOptions = {}): StoppingStatement {
    const labels = [...this.#answers.values()]
      .filter(({ id, answer }) => answer !== 'skip' && this.#rows.has(id))
      .map(({ answer }) => answer !== 'exclude')
    return stoppingTest(labels, this.#ids.length, options)
  }

  /** The log, a copy: `JSON.stringify(screening)` stores it, {@link parseScreeningLog} reads it again. */
  toJSON(): ScreeningLog {
    return { format: 1, seed: this.#seed, question: this.#question, steps: this.#steps.map((step) => ({ ...step })) }
  }

  #changed(): void {
    this.#answers = answersOf(this.#steps)
    this.#ranking = null
  }

  #rank(): Uint32Array {
    if (this.#ranking) return this.#ranking
    const known = new Int8Array(this.#ids.length)
    for (const { id, answer } of this.#answers.values()) {
      const row = this.#rows.get(id)
      if (row !== undefined) known[row] = KNOWN_BY_ANSWER[answer]
    }
    // Ties in a random order: the papers' own may be sorted, say by year.
    const places = Uint32Array.from(this.#ids.keys())
    shuffle(places, randomNumbers(this.#seed))
    const scores = this.#model.score(known) ?? new Float64Array(this.#ids.length)
    this.#ranking = Uint32Array.from(this.#ids.keys()).sort((a, b) => scores[b]! - scores[a]! || places[a]! - places[b]!)
    return this.#ranking
  }
}

const KNOWN_BY_ANSWER = { include: KNOWN.included, exclude: KNOWN.excluded, maybe: KNOWN.undecided, skip: KNOWN.unread }

/**
 * Begins a screening, or goes on with one. It computes on the thread that calls it: with more than some thousand papers, call it in
 * a worker.
 *
 * @returns The screening, which needs no disposal.
 * @throws InvalidArgumentError if two papers have one id, vectors do not fit the papers, or the log is none.
 * @example
 * const screening = createScreening({ papers })
 * for (const id of screening.next()) screening.answer(id, 'include')
 * const later = createScreening({ papers, log: parseScreeningLog(JSON.stringify(screening)) })
 * show(later.next())
 */
export function createScreening(options: ScreeningOptions): Screening {
  return new Screening(options)
}

const EMPTY_LOG: ScreeningLog = { format: 1, seed: 0, question: '', steps: [] }

function rowsById(papers: readonly ScreeningPaper[]): Map<string, number> {
  const rows = new Map<string, number>()
  for (const [row, { id }] of papers.entries()) {
    if (typeof id !== 'string' || id === '') throw new InvalidArgumentError(`papers[${row}].id`, id, 'a text')
    if (rows.has(id))
      throw new InvalidArgumentError(`papers[${row}].id`, id, `unique, but is also that of papers[${rows.get(id)}]`)
    rows.set(id, row)
  }
  return rows
}

function checkVectors(papers: number, vectors?: Float32Array, question?: Float32Array): void {
  if (vectors && (papers === 0 ? vectors.length > 0 : vectors.length === 0 || vectors.length % papers !== 0))
    throw new InvalidArgumentError('options.vectors.length', vectors.length, `a multiple of ${papers}, the number of papers`)
  if (question && (!vectors || question.length !== vectors.length / papers))
    throw new InvalidArgumentError(
      'options.questionVector.length',
      question.length,
      vectors ? `${vectors.length / papers}, as of the vectors` : '0 without vectors of papers',
    )
  for (const [field, values] of Object.entries({ vectors, questionVector: question })) {
    const bad = values?.findIndex((value) => !Number.isFinite(value)) ?? -1
    if (values && bad >= 0) throw new InvalidArgumentError(`options.${field}[${bad}]`, values[bad], 'a finite number')
  }
}
