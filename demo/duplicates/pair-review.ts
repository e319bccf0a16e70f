import {
  addStep,
  choicesFor,
  comparePapers,
  type DuplicateGroup,
  type DuplicateResult,
  decisionsOf,
  emptyReview,
  type MergedLibrary,
  type MergedPaper,
  type MergeOptions,
  mergeLibrary,
  mergePapers,
  type PairDecision,
  type PairEvidence,
  PRESET_CONFIDENCE,
  type Preset,
  parseReview,
  type ReviewState,
  type ReviewStep,
  reviewQueue,
  undoStep,
  type Verdict,
} from '../../src/core/duplicates/index.js'
import type { Paper } from '../../src/core/papers/index.js'
import type { MergedAway } from '../history/history.js'

/** Pairs to ask about, pairs that the tool joined by itself, and pairs that the reader decided. */
export type ListName = 'queue' | 'joined' | 'decided'

export type MergeRule = NonNullable<MergeOptions['rule']>

const RULES: readonly MergeRule[] = ['most-complete', 'newest', 'preferred-source']

/** The state of a review: settings, decisions, the pairs in their lists, and the current pair. The view shows and saves it. */
export class PairReview {
  readonly papers: readonly Paper[]
  preset: Preset = 'balanced'
  rule: MergeRule = 'most-complete'
  /** Pairs of at least this confidence are accepted together, in percent. */
  threshold = 90
  readonly #byId: ReadonlyMap<string, Paper>
  #decided: ReviewState = emptyReview
  #result: DuplicateResult | null = null
  #lists: Readonly<Record<ListName, PairEvidence[]>> = { queue: [], joined: [], decided: [] }
  #list: ListName = 'queue'
  #groups: readonly DuplicateGroup[] = []
  #same: ReadonlySet<string> = new Set()
  #merged: { key: unknown[]; library: MergedLibrary } | null = null
  #index = 0
  /** The pair that an undone step decided: the current one as soon as it is listed again. */
  #undonePair: string | null = null

  /**
   * @param saved What {@link toJSON} gave earlier; an unknown preset or rule is replaced by the default.
   * @throws Specter2Error `DAMAGED_FILE` if it is not a saved review.
   */
  constructor(papers: readonly Paper[], saved?: unknown) {
    this.papers = papers
    this.#byId = new Map(papers.map((paper) => [paper.id, paper]))
    if (saved === null || saved === undefined) return
    this.#decided = parseReview(JSON.stringify(saved))
    const { preset, rule } = saved as { preset?: unknown; rule?: unknown }
    if (Object.keys(PRESET_CONFIDENCE).includes(preset as string)) this.preset = preset as Preset
    this.rule = RULES.find((known) => known === rule) ?? this.rule
  }

  toJSON(): unknown {
    return { ...this.#decided, preset: this.preset, rule: this.rule }
  }

  /** Every step so far; another object after each change. */
  get steps(): ReviewState {
    return this.#decided
  }

  get decisions(): PairDecision[] {
    return decisionsOf(this.#decided)
  }

  /** `null` while papers are compared. */
  get result(): DuplicateResult | null {
    return this.#result
  }

  /** Lists the pairs of a result. The current pair stays current if it is still listed; `null` starts over. */
  set result(result: DuplicateResult | null) {
    const current = this.#undonePair ?? (this.current && keyOf(this.current))
    this.#undonePair = null
    this.#result = result
    if (!result) this.#list = 'queue'
    this.#sort()
    const index = this.pairs.findIndex((pair) => keyOf(pair) === current)
    if (index >= 0) this.#index = index
  }

  get list(): ListName {
    return this.#list
  }

  /** Shows a list from its first pair. */
  set list(name: ListName) {
    this.#list = name
    this.#index = 0
  }

  /** The pairs of the list that is shown. */
  get pairs(): readonly PairEvidence[] {
    return this.#lists[this.#list]
  }

  countOf(list: ListName): number {
    return this.#lists[list].length
  }

  get index(): number {
    return this.#index
  }

  /** Makes another pair of the list current; beyond its ends, the first or last. */
  set index(index: number) {
    this.#index = Math.max(0, Math.min(index, this.pairs.length - 1))
  }

  get current(): PairEvidence | undefined {
    return this.pairs[this.#index]
  }

  find(id: string): Paper | undefined {
    return this.#byId.get(id)
  }

  /** The paper of this id, which a listed pair has. */
  paper(id: string): Paper {
    const paper = this.#byId.get(id)
    if (!paper) throw new RangeError(`No paper under review has the id ${id}.`)
    return paper
  }

  verdictOf(pair: PairEvidence): PairDecision['verdict'] | undefined {
    return this.decisions.find((decision) => keyOf(decision) === keyOf(pair))?.verdict
  }

  /** Decides the current pair, if there is one, and moves on to the next. */
  decide(verdict: Verdict): void {
    const pair = this.current
    if (!pair) return
    const isLast = this.#index === this.pairs.length - 1
    this.add({ type: 'decide', pairs: [[pair.a, pair.b]], verdict })
    // A postponed pair goes to the end of the queue; if it is there already, the first pair is next.
    if (verdict === 'later' && isLast) this.#index = 0
  }

  /** Pairs to review that are sure enough to be accepted together, with nothing against them. */
  get sure(): PairEvidence[] {
    return this.#lists.queue.filter(
      ({ veto, isVersion, confidence }) => veto === null && !isVersion && confidence >= this.threshold / 100,
    )
  }

  acceptSure(): void {
    const pairs = this.sure.map(({ a, b }): [string, string] => [a, b])
    if (pairs.length > 0) this.add({ type: 'decide', pairs, verdict: 'same' })
  }

  /** Lists change at once; groups and counts with the next result. */
  add(step: ReviewStep): void {
    this.#undonePair = null
    this.#decided = addStep(this.#decided, step)
    this.#sort()
  }

  undo(): void {
    const undone = this.#decided.steps.at(-1)
    if (!undone) return
    const [first] = undone.type === 'decide' ? undone.pairs : []
    if (first) this.#undonePair = keyOf({ a: first[0], b: first[1] })
    this.#decided = undoStep(this.#decided)
    this.#sort()
  }

  /** The record that remains if the pair is the same paper, merged from the groups of both. */
  mergedPair({ a, b }: PairEvidence): MergedPaper {
    const groups = this.#result?.groups.filter(({ ids }) => ids.includes(a) || ids.includes(b)) ?? []
    const ids = new Set([...groups.flatMap((group) => group.ids), a, b])
    const members = [...ids].flatMap((id) => this.#byId.get(id) ?? [])
    return mergePapers(members, { ...this.#mergeOptions, ...choicesFor(this.#decided, [...ids]) })
  }

  /** The library without its duplicates. */
  get mergedLibrary(): MergedLibrary {
    const key = [this.#result, this.#decided, this.rule]
    if (this.#merged?.key.every((part, index) => part === key[index])) return this.#merged.library
    const library = mergeLibrary(this.papers, this.#result?.groups ?? [], { ...this.#mergeOptions, review: this.#decided })
    this.#merged = { key, library }
    return library
  }

  /** The groups of the result, least sure first. */
  get groups(): readonly DuplicateGroup[] {
    return this.#groups
  }

  /** Whether a person has said that all of the group are the same. */
  isAccepted({ ids }: DuplicateGroup): boolean {
    return ids.slice(1).every((id) => this.#same.has(keyOf({ a: ids[0]!, b: id })))
  }

  /** Accepts groups as they are, in one step. */
  acceptGroups(groups: readonly DuplicateGroup[]): void {
    const pairs = groups.flatMap(({ ids, pairs }) => {
      const spanning = ids.slice(1).map((id): [string, string] => [ids[0]!, id])
      return [...pairs.map(({ a, b }): [string, string] => [a, b]), ...spanning]
    })
    const unique = new Map(pairs.map((pair) => [keyOf({ a: pair[0], b: pair[1] }), pair]))
    if (unique.size > 0) this.add({ type: 'decide', pairs: [...unique.values()], verdict: 'same' })
  }

  /** Takes records out of their group: each differs from all others of it. */
  separate({ ids }: DuplicateGroup, out: readonly string[]): void {
    const pairs = out.flatMap((id, index) =>
      ids.filter((other) => other !== id && !out.slice(0, index).includes(other)).map((other): [string, string] => [id, other]),
    )
    this.add({ type: 'decide', pairs, verdict: 'different' })
  }

  /** The papers that are merged into others, and whether a person judged a pair of their group. */
  get away(): MergedAway[] {
    const same = this.#same
    const byHand = new Set(
      (this.#result?.groups ?? []).filter(({ pairs }) => pairs.some((pair) => same.has(keyOf(pair)))).flatMap(({ ids }) => ids),
    )
    return this.mergedLibrary.removed.map(({ paper: { id }, keptId }) => ({ id, keptId, byHand: byHand.has(id) }))
  }

  get #mergeOptions(): Pick<MergeOptions, 'rule' | 'preferredSources'> {
    return { rule: this.rule, preferredSources: [...new Set(this.papers.flatMap(({ source }) => source?.file ?? []))] }
  }

  /** Sorts the pairs into lists: the most doubtful first, decided ones latest first. */
  #sort(): void {
    const has = ({ a, b }: PairDecision | PairEvidence) => this.#byId.has(a) && this.#byId.has(b)
    const queue = this.#result ? reviewQueue(this.#result, this.#decided).filter(has) : []
    const { decisions } = this
    this.#same = new Set(decisions.filter(({ verdict }) => verdict === 'same').map(keyOf))
    this.#groups = (this.#result?.groups ?? []).toSorted((x, y) => x.confidence - y.confidence)
    const listed = new Set([...queue, ...decisions].map(keyOf))
    const joined = (this.#result?.groups ?? [])
      .flatMap(({ pairs }) => pairs)
      .filter((pair) => !listed.has(keyOf(pair)))
      .sort((x, y) => x.confidence - y.confidence)
    const decided = decisions.filter(has).map(({ a, b }) => comparePapers(this.paper(a), this.paper(b)))
    this.#lists = { queue, joined, decided: decided.reverse() }
    this.index = this.#index
  }
}

const keyOf = ({ a, b }: { a: string; b: string }) => JSON.stringify(a < b ? [a, b] : [b, a])
