// AssemblyScript, compiled by build/kernels.mjs once for each tier. All pointers are multiples of 16; the host lays out the memory.
export { attend, attentionBytes } from './attention'
export { product } from './product'
export { activateRows, embedRows, meanOfRows, normalizeRows, quantizeRows } from './rows'
