import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InvalidArgumentError } from '../../core/errors.js'
import { fitClassifier } from '../../core/heads/fit-classifier.js'
import { splitFold, stratifiedFolds } from '../../core/heads/folds.js'
import { classificationQuality, type Label } from '../../core/metrics/classification.js'
import type { PaperText } from '../../core/types.js'
import { embedTexts } from '../embed-texts.js'
import { parseJsonLine, textField, textLines } from '../json-lines.js'
import { loadEngine } from '../local-model.js'
import type { Row } from '../report.js'
import type { EvaluatedModel } from './evaluate-search.js'

/** Papers that are trained on are four fifths of a set. */
const FOLDS = 5
const C = [0.01, 0.1, 1, 10, 100]

interface LabelledPapers {
  name: string
  papers: PaperText[]
  labels: Label[]
}

/**
 * Trains classifiers of the package on vectors and evaluates them on papers that they have not seen, in five stratified folds: linear
 * SVCs with balanced classes, whose C is chosen within the training part.
 *
 * @param label The field with the class, of every `*.jsonl` of the folder.
 * @returns A row for each set and model.
 */
export async function evaluateClassification(folder: string, label: string, models: readonly EvaluatedModel[]): Promise<Row[]> {
  const sets = await readSets(folder, label)
  const rows: Row[] = []
  for (const model of models) {
    const engine = await loadEngine(model.folder, model)
    const { id, dimension, adapters, defaultAdapter } = engine.manifest
    const adapter = adapters.classification ? 'classification' : defaultAdapter
    try {
      for (const { name, papers, labels } of sets) {
        const tokens = papers.map((paper) => engine.tokenizePaper(paper))
        const vectors = await embedTexts(engine, tokens, adapter, `papers of ${name}`, model)
        const { macroF1, accuracy } = await inFolds(vectors, labels, dimension, model)
        rows.push({ set: name, model: id, adapter, macroF1, accuracy, dtype: model.dtype })
      }
    } finally {
      await engine.dispose()
    }
  }
  return rows
}

/** Quality of the predictions of all folds together. */
async function inFolds(vectors: Float32Array, labels: readonly Label[], dimension: number, { signal, output }: EvaluatedModel) {
  const assigned = stratifiedFolds(labels, FOLDS, 1)
  const predictions: Label[] = Array.from(labels)
  for (let fold = 0; fold < FOLDS; fold++) {
    output.showProgress('folds', `fold ${fold + 1} of ${FOLDS}`)
    const { train, test } = splitFold(assigned, fold)
    const part = (rows: readonly number[]) => {
      const own = new Float32Array(rows.length * dimension)
      for (const [at, row] of rows.entries()) own.set(vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension)
      return own
    }
    const head = await fitClassifier(
      part(train),
      train.map((row) => labels[row]!),
      { dimension, model: 'svc', C, folds: 3, scoring: 'macroF1', classWeight: 'balanced', signal },
    )
    for (const [at, label] of head.predict(part(test)).entries()) predictions[test[at]!] = label
  }
  return classificationQuality(labels, predictions)
}

async function readSets(folder: string, label: string): Promise<LabelledPapers[]> {
  const names = await readdir(folder).catch(() => null)
  if (!names) throw new InvalidArgumentError('--data', folder, 'a folder')
  const sets: LabelledPapers[] = []
  for (const name of names.filter((name) => name.endsWith('.jsonl')).sort()) {
    const set: LabelledPapers = { name: basename(name, '.jsonl'), papers: [], labels: [] }
    const counts = new Map<Label, number>()
    for await (const line of textLines(join(folder, name))) {
      const record = parseJsonLine(line)
      const value = record[label]
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
        throw line.damaged(`${label}, the field of --label, must be a text, a number, true or false`)
      const title = textField(record, 'title', line.damaged, 'optional')
      set.papers.push({ title, abstract: textField(record, 'abstract', line.damaged, 'optional') })
      set.labels.push(value)
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    // Fewer would leave a training part without a second class.
    if ([...counts.values()].filter((count) => count >= FOLDS).length < 2)
      throw new InvalidArgumentError('--label', label, `a field of which two values have ${FOLDS} papers each in ${name}`)
    sets.push(set)
  }
  if (sets.length === 0) throw new InvalidArgumentError('--data', folder, 'a folder with *.jsonl')
  return sets
}
