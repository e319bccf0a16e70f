export type { ErrorCode } from '../errors.js'
export { InvalidArgumentError, Specter2Error } from '../errors.js'
export type { ReadPapersResult } from './collect-papers.js'
export type { ColumnMapping, ColumnProperty } from './csv/columns.js'
export type { FormatName } from './formats.js'
export { LIMITS, type LimitName } from './limits.js'
export type { Author, Paper, PaperSource, PaperType } from './paper.js'
export type { FileReport, PaperBatch, PaperFile, PaperProblem } from './paper-file.js'
export {
  type ReadPapersOptions,
  type ReadProgress,
  readPapers,
  streamPapers,
} from './read-papers.js'
export { WRITTEN_FORMATS, type WrittenFormat, writePapers } from './write-papers.js'
