export type { ErrorCode } from '../errors.js'
export { InvalidArgumentError, Specter2Error } from '../errors.js'
export {
  type ClassificationQuality,
  type ClassQuality,
  classificationQuality,
  cohensKappa,
  type Label,
  multiLabelQuality,
} from '../metrics/classification.js'
export { kendallTauB, pearson } from '../metrics/correlation.js'
export { rSquared } from '../metrics/r2.js'
export { averagePrecisionScore, ndcgScore, precisionAt, recallAt, reciprocalRank } from '../metrics/scored-ranking.js'
export { recallAtShare, screeningLoss, workSaved } from '../metrics/screening.js'
export type { Sigmoid } from './calibration.js'
export { fitClassifier, fitMultiLabelClassifier } from './fit-classifier.js'
export { fitRegressor } from './fit-regressor.js'
export { stratifiedFolds } from './folds.js'
export type { ClassifierOptions, FitProgress, FitReport, HeadOptions, RegressorOptions, Tried } from './head-options.js'
export type { WeightsJson } from './head-weights.js'
export { type Calibration, type ClassifierJson, LinearClassifier } from './linear-classifier.js'
export { LinearRegressor, type RegressorJson } from './linear-regressor.js'
export { MultiLabelClassifier, type MultiLabelJson } from './multi-label-classifier.js'
