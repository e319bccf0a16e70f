/**
 * What needs transformers.js and onnxruntime-web. Built as `dist/ort/transformers.js`, which a worker loads only if it runs a graph;
 * Node imports it lazily.
 */
export { createGraphRuntime } from './graph-runtime.js'
export { loadModel } from './load-model.js'

/** Identifies this file and the runtime's other files; the build writes it. */
export const stamp = '__RUNTIME_STAMP__'
