import { mkdir, writeFile } from 'node:fs/promises'
import libsvm from 'libsvm-js'
import LogisticRegression from 'ml-logistic-regression'
import { Matrix } from 'ml-matrix'
import type { Row } from '../src/cli/report.js'
import { fitClassifier } from '../src/core/heads/fit-classifier.js'
import { normalNumbers } from '../testing/random-numbers.js'
import type { BenchOptions } from './bench-options.js'

const DIMENSION = 768
const CLASSES = 10
const TEST = 2000
/** The peer takes steps of one size; its default of 50,000 would take days at this size. */
const PEER_STEPS = 50

/** Where the vectors are left for `bench/peers/heads.py`, which fits the same with scikit-learn. */
const FOLDER = 'dist-bench/heads'

/**
 * Training of a linear classifier, 10 classes of 768 numbers, and its accuracy on 2,000 other papers: ours, libsvm-js and
 * ml-logistic-regression, one after the other in this process. Vectors are seeded: classes that overlap, around a mean that all share,
 * as embeddings have it.
 */
export async function headsSuite({ papers: count = 10_000 }: BenchOptions): Promise<Row[]> {
  const train = seededPapers(count, 1)
  const test = seededPapers(TEST, 2)
  await mkdir(FOLDER, { recursive: true })
  for (const [name, { vectors, labels }] of Object.entries({ train, test })) {
    await writeFile(`${FOLDER}/${name}.f32`, new Uint8Array(vectors.buffer))
    await writeFile(`${FOLDER}/${name}.labels`, labels.join('\n'))
  }
  const rows: Row[] = []
  const add = async (name: string, learn: () => Promise<(vectors: Float32Array) => ArrayLike<unknown>>) => {
    const startedAt = performance.now()
    const cpuAtStart = process.cpuUsage()
    const predict = await learn()
    const seconds = (performance.now() - startedAt) / 1000
    const cpu = process.cpuUsage(cpuAtStart)
    const predictions = predict(test.vectors)
    const accuracy = test.labels.filter((label, row) => predictions[row] === label).length / TEST
    rows.push({
      name,
      papers: count,
      dimension: DIMENSION,
      classes: CLASSES,
      seconds,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      accuracy,
    })
    console.error(rows.at(-1))
  }
  for (const model of ['logistic', 'one-vs-rest-logistic', 'svc'] as const)
    await add(`ours, ${model}`, async () => {
      const head = await fitClassifier(train.vectors, train.labels, { dimension: DIMENSION, model })
      return (vectors) => head.predict(vectors)
    })
  await add('libsvm-js, linear kernel', async () => {
    const SVM = await libsvm
    const svm = new SVM({ type: SVM.SVM_TYPES.C_SVC, kernel: SVM.KERNEL_TYPES.LINEAR, cost: 1 })
    svm.train(rowsOf(train.vectors), train.labels)
    return (vectors) => svm.predict(rowsOf(vectors))
  })
  await add(`ml-logistic-regression, ${PEER_STEPS} steps`, async () => {
    const regression = new LogisticRegression({ numSteps: PEER_STEPS, learningRate: 5e-4 })
    regression.train(new Matrix(rowsOf(train.vectors)), Matrix.columnVector(train.labels))
    return (vectors) => regression.predict(new Matrix(rowsOf(vectors)))
  })
  return rows
}

function seededPapers(count: number, seed: number) {
  // The classes are those of one seed, whatever papers are drawn.
  const shape = normalNumbers(7)
  const common = Float64Array.from({ length: DIMENSION }, () => shape(0, 0.6))
  const centres = Float64Array.from({ length: CLASSES * DIMENSION }, () => shape(0, 0.07))
  const normal = normalNumbers(seed)
  const vectors = new Float32Array(count * DIMENSION)
  const labels = Array.from({ length: count }, (_, row) => row % CLASSES)
  for (const [row, label] of labels.entries())
    for (let column = 0; column < DIMENSION; column++)
      vectors[row * DIMENSION + column] = common[column]! + centres[label * DIMENSION + column]! + normal(0, 0.5)
  return { vectors, labels }
}

const rowsOf = (vectors: Float32Array) =>
  Array.from({ length: vectors.length / DIMENSION }, (_, row) => [...vectors.subarray(row * DIMENSION, (row + 1) * DIMENSION)])
