export type { ErrorCode } from '../errors.js'
export { InvalidArgumentError, Specter2Error } from '../errors.js'
export { compareReviewers, type ReviewerComparison, type ScreeningConflict } from './compare-reviewers.js'
export {
  createScreening,
  Screening,
  type ScreeningOptions,
  type ScreeningOrder,
  type ScreeningPaper,
  type ScreeningProgress,
} from './screening.js'
export {
  parseScreeningLog,
  SCREENING_ANSWERS,
  type ScreeningAnswer,
  type ScreeningLog,
  type ScreeningStep,
} from './screening-log.js'
export { type StoppingOptions, type StoppingStatement, stoppingTest } from './stopping.js'
