// The peers have no types of their own; this is what the bench uses of them.
declare module 'libsvm-js' {
  interface Svm {
    train(samples: number[][], labels: number[]): void
    predict(samples: number[][]): number[]
  }
  const loading: Promise<{
    new (options: { type: number; kernel: number; cost: number }): Svm
    SVM_TYPES: { C_SVC: number }
    KERNEL_TYPES: { LINEAR: number }
  }>
  export default loading
}
declare module 'ml-logistic-regression' {
  import type { Matrix } from 'ml-matrix'
  export default class LogisticRegression {
    constructor(options: { numSteps: number; learningRate: number })
    train(features: Matrix, labels: Matrix): void
    predict(features: Matrix): number[]
  }
}
