import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import type { Paper } from '../papers/paper.js'
import { DuplicateFinder } from './duplicate-finder.js'
import { findDuplicates } from './find-duplicates.js'
import type { DuplicateResult } from './group-duplicates.js'
import { addStep, decisionsOf, emptyReview, parseReview } from './review.js'
import { articles, change } from './testing.js'

const papers = articles.map(({ paper }) => paper)
const first = papers[0]!
const variant = (paper: Paper, id: string, changes: Parameters<typeof change>[1] = {}) =>
  change(paper, { title: paper.title.toUpperCase(), doi: undefined, abstract: null, ...changes, id })
const idsOf = ({ groups }: DuplicateResult) => groups.map(({ ids }) => ids)

describe('findDuplicates', () => {
  test('groups the records of an article, with the evidence of each pair', async () => {
    const result = await findDuplicates([...papers, variant(first, 'x'), variant(papers[4]!, 'y'), variant(first, 'z')])
    expect(idsOf(result)).toEqual([
      ['paper-0', 'x', 'z'],
      ['paper-4', 'y'],
    ])
    expect(result.counts).toMatchObject({ papers: 13, removable: 3 })
    const [pair] = result.groups[1]!.pairs
    expect(pair).toMatchObject({
      a: 'paper-4',
      b: 'y',
      rule: 'same-title-and-place',
      veto: null,
      titleSimilarity: 1,
      authorSimilarity: 1,
      distance: null,
    })
    expect(pair!.fields).toMatchObject({ title: 'agree', pages: 'agree', doi: 'missing', abstract: 'missing' })
    expect(result.groups[1]!.confidence).toBeGreaterThan(0.99)
  })

  test('returns plain data that survives a structured clone and JSON', async () => {
    const result = await findDuplicates([...papers, variant(first, 'x')])
    expect(structuredClone(result)).toEqual(result)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test('does not join two different papers through a third that lacks the field in which they differ', async () => {
    const article = change(first, { id: 'article', doi: undefined })
    const abstract = change(first, {
      id: 'abstract',
      venue: 'Annual Meeting of the Society',
      volume: '3',
      issue: undefined,
      pages: 'S12',
      doi: undefined,
    })
    const bare = change(first, {
      id: 'bare',
      venue: undefined,
      volume: undefined,
      issue: undefined,
      pages: undefined,
      doi: undefined,
    })
    for (const order of [
      [article, abstract, bare],
      [bare, abstract, article],
      [abstract, bare, article],
    ]) {
      const result = await findDuplicates(order)
      expect(result.groups.every(({ ids }) => !(ids.includes('article') && ids.includes('abstract')))).toBe(true)
      expect(result.groups).toHaveLength(1)
      // The link that the veto blocked is for a person to review.
      expect(result.doubtful).toHaveLength(1)
    }
  })

  test('does not join texts that share the DOI of their supplement', async () => {
    const topics = 'asthma dialysis migraine psoriasis scoliosis glaucoma endometriosis sarcoidosis'.split(' ')
    const posters = topics.map((topic, index) =>
      change(first, {
        id: topic,
        title: `Early ${topic} in ${40 + index} outpatients`,
        authors: [{ family: `${topic}son`, given: 'A' }],
        pages: `S${index + 1}`,
        abstract: null,
      }),
    )
    expect((await findDuplicates(posters)).groups).toEqual([])
  })

  test('does not join the items of a column, or annual reports of different years', async () => {
    const column = [2001, 2002, 2003, 2004].map((year) =>
      change(first, {
        id: `column-${year}`,
        title: 'Trends in outpatient care and financing',
        year,
        volume: undefined,
        issue: undefined,
        pages: undefined,
        doi: undefined,
        abstract: null,
      }),
    )
    const editorial = [1, 2, 3].map((issue) =>
      change(first, {
        id: `editorial-${issue}`,
        title: 'Editorial',
        issue: String(issue),
        pages: undefined,
        doi: undefined,
        abstract: null,
      }),
    )
    expect((await findDuplicates([...column, ...editorial])).groups).toEqual([])
  })

  test('reports a preprint and its published version, and merges them only if asked', async () => {
    const preprint = change(first, {
      id: 'preprint',
      type: 'preprint',
      venue: 'bioRxiv',
      volume: undefined,
      issue: undefined,
      pages: undefined,
      doi: '10.1101/555',
    })
    const reported = await findDuplicates([first, preprint])
    expect(reported.groups).toEqual([])
    expect(reported.versions).toMatchObject([{ a: 'paper-0', b: 'preprint', isVersion: true }])
    const merged = await findDuplicates([first, preprint], { versions: 'merge' })
    expect(idsOf(merged)).toEqual([['paper-0', 'preprint']])
    expect(merged.versions).toEqual([])
  })

  test('compares only papers of different sources if asked', async () => {
    const of = (paper: Paper, file: string) => ({ ...paper, source: { file, record: 1 } })
    const library = [of(first, 'library'), of(variant(first, 'again'), 'library'), of(variant(first, 'new'), 'search')]
    expect(idsOf(await findDuplicates(library.slice(0, 2), { scope: 'between' }))).toEqual([])
    expect(idsOf(await findDuplicates([library[0]!, library[2]!], { scope: 'between' }))).toEqual([['paper-0', 'new']])
  })

  test('compares near vectors even if the papers have no words in common', async () => {
    const renamed = change(first, {
      id: 'renamed',
      title: 'Kognitive Therapie bei Depression: Langzeitergebnisse einer Studie',
      doi: undefined,
      abstract: null,
      authors: first.authors!.slice(0, 1),
      pages: undefined,
      volume: undefined,
    })
    const all = [...papers, renamed]
    const dimension = 16
    const vectors = new Float32Array(all.length * dimension)
    for (const [row] of all.entries()) vectors[row * dimension + (row % papers.length)] = 1
    const without = new DuplicateFinder()
    await without.add(all)
    const finder = new DuplicateFinder()
    await finder.add(all, { vectors: { vectors, dimension } })
    expect(finder.result().counts.compared).toBeGreaterThan(without.result().counts.compared)
    const decided = finder.result({ decisions: [{ a: 'paper-0', b: 'renamed', verdict: 'same' }] })
    expect(decided.groups[0]!.pairs).toMatchObject([{ distance: 0, confidence: 1, veto: null }])
  })

  test('finds nothing, quickly, among a thousand empty records', async () => {
    const empty = Array.from({ length: 1000 }, (_, index): Paper => ({ id: String(index), title: '' }))
    expect((await findDuplicates(empty)).groups).toEqual([])
    expect((await findDuplicates([])).counts).toEqual({ papers: 0, compared: 0, removable: 0 })
  })

  test('joins hundreds of copies of one record', async () => {
    const copies = Array.from({ length: 150 }, (_, index) => variant(first, `copy-${index}`))
    const result = await findDuplicates(copies)
    expect(result.groups).toHaveLength(1)
    expect(result.groups[0]!.ids).toHaveLength(150)
  })

  test.each<[string, Paper[], Parameters<typeof findDuplicates>[1], string]>([
    ['a repeated id', [first, first], {}, 'papers[1].id'],
    ['an empty id', [{ ...first, id: '' }], {}, 'papers[0].id'],
    ['vectors of another count', [first], { vectors: { vectors: new Float32Array(3), dimension: 2 } }, 'vectors.vectors.length'],
    ['a dimension of 0', [first], { vectors: { vectors: new Float32Array(0), dimension: 0 } }, 'vectors.dimension'],
    ['NaN in a vector', [first], { vectors: { vectors: Float32Array.of(1, Number.NaN), dimension: 2 } }, 'vectors.vectors'],
    ['an unknown preset', [first], { preset: 'bold' as 'balanced' }, 'preset'],
    ['an unknown scope', [first], { scope: 'some' as 'all' }, 'scope'],
    ['an unknown treatment of versions', [first], { versions: 'drop' as 'merge' }, 'versions'],
  ])('refuses %s', async (_, list, options, field) => {
    const error = await findDuplicates(list, options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect((error as InvalidArgumentError).field).toBe(field)
  })
})

describe('DuplicateFinder', () => {
  const copies = papers.map((paper, index) => variant(paper, `copy-${index}`))

  test('finds the same duplicates if papers are added later, and then compares only the new ones', async () => {
    const atOnce = new DuplicateFinder()
    await atOnce.add([...papers, ...copies])
    const later = new DuplicateFinder()
    await later.add(papers)
    const before = later.result().counts.compared
    await later.add(copies.slice(0, 3))
    const three = later.result().counts.compared
    await later.add(copies.slice(3))
    expect(idsOf(later.result())).toEqual(idsOf(atOnce.result()))
    expect(later.size).toBe(20)
    // Each of the three is compared with its original and with what else shares a key.
    expect(three - before).toBeLessThan(10)
  })

  test('runs simultaneous additions one after the other', async () => {
    const finder = new DuplicateFinder()
    await Promise.all([finder.add(papers), finder.add(copies)])
    expect(finder.result().groups).toHaveLength(10)
  })

  test('continues from a snapshot without comparing anything again', async () => {
    const finder = new DuplicateFinder()
    await finder.add([...papers, ...copies.slice(0, 5)])
    const snapshot = JSON.parse(JSON.stringify(finder.snapshot()))
    const next = new DuplicateFinder()
    await next.restore(snapshot, [...papers, ...copies.slice(0, 5)])
    expect(next.result()).toEqual(finder.result())
    for (const each of [finder, next]) await each.add(copies.slice(5))
    expect(idsOf(next.result())).toEqual(idsOf(finder.result()))
    expect(next.result().groups).toHaveLength(10)
    await expect(new DuplicateFinder().restore(snapshot, papers)).rejects.toThrow(InvalidArgumentError)
    const { rulesVersion: _, ...earlier } = snapshot
    await expect(new DuplicateFinder().restore(earlier, papers)).rejects.toMatchObject({ field: 'snapshot.rulesVersion' })
  })

  test('honours the decisions of a stored review, also after papers are added', async () => {
    const finder = new DuplicateFinder()
    const unlike = papers[1]!
    await finder.add([first, copies[0]!, unlike])
    const judged = addStep(addStep(emptyReview, { type: 'decide', pairs: [[first.id, 'copy-0']], verdict: 'different' }), {
      type: 'decide',
      pairs: [[first.id, unlike.id]],
      verdict: 'same',
    })
    const decisions = decisionsOf(parseReview(JSON.stringify(judged)))
    expect(idsOf(finder.result())).toEqual([['paper-0', 'copy-0']])
    expect(idsOf(finder.result({ decisions }))).toEqual([['paper-0', 'paper-1']])
    expect(finder.result({ decisions }).doubtful).toEqual([])

    // A third record joins one of the two that are kept apart, but does not connect them.
    const reloaded = new DuplicateFinder()
    await reloaded.add([first, copies[0]!, unlike])
    await reloaded.add([variant(first, 'third')])
    const groups = idsOf(reloaded.result({ decisions }))
    expect(groups.flat()).toContain('third')
    expect(groups.some((ids) => ids.includes('paper-0') && ids.includes('copy-0'))).toBe(false)
    // Decisions on papers that no longer exist are ignored.
    expect(idsOf(reloaded.result({ decisions: [{ a: 'gone', b: first.id, verdict: 'same' }] }))).toHaveLength(1)
  })

  test('joins fewer papers with a more cautious preset', async () => {
    const bare = change(first, {
      id: 'bare',
      authors: [],
      venue: undefined,
      volume: undefined,
      issue: undefined,
      pages: undefined,
      doi: undefined,
      abstract: null,
    })
    const finder = new DuplicateFinder()
    await finder.add([first, bare])
    const sizes = (['cautious', 'balanced', 'thorough'] as const).map((preset) => finder.result({ preset }).groups.length)
    expect(sizes).toEqual([0, 1, 1])
    expect(finder.result({ preset: 'cautious' }).doubtful).toHaveLength(1)
  })

  test('rejects with the reason of its signal and does not change', async () => {
    const finder = new DuplicateFinder()
    await finder.add(papers)
    const before = finder.snapshot()
    const controller = new AbortController()
    const reason = new Error('Enough.')
    const many = Array.from({ length: 1500 }, (_, index) =>
      variant(first, `many-${index}`, { title: `${first.title} ${index % 50}` }),
    )
    const work = finder.add(many, { signal: controller.signal, onProgress: () => controller.abort(reason) })
    await expect(work).rejects.toBe(reason)
    await expect(finder.add(copies, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(finder.snapshot()).toEqual(before)
    await finder.add(copies)
    expect(finder.result().groups).toHaveLength(10)
  })
})
