/** What converts models. Built as `ort/convert.js`, which a worker loads only if a model has to be converted. */
export { conversionService, keyOfFiles } from './conversion/conversion-service.js'

/** Identifies this file and the runtime's other files; the build writes it. */
export const stamp = '__RUNTIME_STAMP__'
