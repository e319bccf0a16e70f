import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DuplicateFinder } from '../../core/duplicates/duplicate-finder.js'
import type { Preset, Vectors } from '../../core/duplicates/finder-options.js'
import { Specter2Error } from '../../core/errors.js'
import type { Author, Paper } from '../../core/papers/paper.js'
import { embedTexts } from '../embed-texts.js'
import { parseJsonLine, textField, textLines } from '../json-lines.js'
import { loadEngine } from '../local-model.js'
import type { Output } from '../output.js'
import type { Row } from '../report.js'
import { duplicateMetrics, expectedCalibrationError } from './duplicate-metrics.js'
import type { EvaluatedModel } from './evaluate-search.js'

const PRESETS = ['cautious', 'balanced', 'thorough'] as const satisfies Preset[]

/** Papers with their true groups. */
interface DuplicateSet {
  name: string
  papers: Paper[]
  /** The true group of each paper, by its id. */
  groups: Map<string, string>
}

interface Run {
  output: Output
  signal: AbortSignal
}

/**
 * Evaluates every set of a folder by each preset, without vectors and then with those of `model`, if there is one.
 *
 * @param data Each `*.jsonl` is a set, with the fields `id`, `cluster` (the true group) and `title`, and optionally `authors`
 *   (separated by ` and `), `year`, `journal`, `volume`, `number`, `pages`, `doi` and `abstract`.
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; whatever opening a file throws.
 */
export async function evaluateDuplicates(data: string, model: EvaluatedModel | undefined, run: Run): Promise<Row[]> {
  const sets = await readSets(data)
  const rows: Row[] = []
  for (const set of sets) rows.push(...(await evaluateSet(set, undefined, run)))
  if (!model) return rows
  const engine = await loadEngine(model.folder, model)
  try {
    const { defaultAdapter, dimension } = engine.manifest
    for (const set of sets) {
      const tokens = set.papers.map((paper) => engine.tokenizePaper(paper))
      const vectors = await embedTexts(engine, tokens, defaultAdapter, `papers of ${set.name}`, model)
      rows.push(...(await evaluateSet(set, { vectors, dimension }, run)))
    }
  } finally {
    await engine.dispose()
  }
  return rows
}

async function evaluateSet(
  { name, papers, groups }: DuplicateSet,
  vectors: Vectors | undefined,
  { output, signal }: Run,
): Promise<Row[]> {
  const startedAt = performance.now()
  const finder = new DuplicateFinder()
  await finder.add(papers, {
    vectors,
    signal,
    onProgress: ({ stage, done }) => output.showProgress(stage, `${name}: ${stage}, ${Math.floor(100 * done)} %`),
  })
  return PRESETS.map((preset) => {
    const result = finder.result({ preset })
    const found = result.groups.map(({ ids }) => ids)
    const { sensitivity, specificity, f1, truePositives, falsePositives, falseNegatives } = duplicateMetrics(groups, found)
    const pairs = [...result.groups.flatMap((group) => group.pairs), ...result.doubtful].filter(({ veto }) => veto === null)
    return {
      set: name,
      preset,
      vectors: vectors !== undefined,
      sensitivity,
      specificity,
      f1,
      truePositives,
      falsePositives,
      falseNegatives,
      doubtful: result.doubtful.length,
      calibrationError: expectedCalibrationError(
        pairs.map(({ a, b, confidence }) => ({ confidence, isRight: groups.get(a) === groups.get(b) })),
      ),
      seconds: (performance.now() - startedAt) / 1000,
    }
  })
}

async function readSets(folder: string): Promise<DuplicateSet[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
  if (files.length === 0)
    throw new Specter2Error('DAMAGED_FILE', `There is no .jsonl file in ${folder}.`, { details: { folder } })
  return Promise.all(files.map((file) => readSet(join(folder, file))))
}

async function readSet(path: string): Promise<DuplicateSet> {
  const papers: Paper[] = []
  const groups = new Map<string, string>()
  for await (const line of textLines(path)) {
    const record = parseJsonLine(line)
    const field = (name: string) => textField(record, name, line.damaged, 'optional')
    const id = textField(record, 'id', line.damaged)
    if (groups.has(id)) throw line.damaged(`the id ${JSON.stringify(id)} occurred before`)
    groups.set(id, textField(record, 'cluster', line.damaged))
    const year = Number.parseInt(field('year'), 10)
    papers.push({
      id,
      title: field('title'),
      abstract: field('abstract'),
      authors: parseAuthors(field('authors')),
      ...(Number.isNaN(year) ? {} : { year }),
      venue: field('journal'),
      volume: field('volume'),
      issue: field('number'),
      pages: field('pages'),
      doi: field('doi'),
    })
  }
  return { name: basename(path, '.jsonl'), papers, groups }
}

/** Names in BibTeX's form: `Doe, Jane and Roe, R`. */
function parseAuthors(text: string): Author[] {
  return text
    .split(/\s+and\s+/)
    .filter((name) => name.trim() !== '')
    .map((name) => {
      const comma = name.indexOf(',')
      return comma > 0 ? { family: name.slice(0, comma).trim(), given: name.slice(comma + 1).trim() } : { name: name.trim() }
    })
}
