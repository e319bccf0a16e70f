/** What Node imports as `specter2-web`: the page's exports, with an embedder that runs in threads. */
export * from '../index.js'
export { createEmbedder } from './create-embedder.js'
