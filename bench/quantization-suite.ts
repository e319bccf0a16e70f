import { join } from 'node:path'
import { loadEngine, openLocalModel } from '../src/cli/local-model.js'
import type { Row } from '../src/cli/report.js'
import { agreement } from '../src/cli/verify/vector-agreement.js'
import { buildEncoderGraph } from '../src/core/converter/encoder-graph.js'
import { EncoderWeights } from '../src/core/converter/encoder-weights.js'
import { fp32Form, type LinearForm, q8Form } from '../src/core/converter/linear-forms.js'
import { encodeOnnx } from '../src/core/converter/onnx-writer.js'
import { nearest } from '../src/core/converter/rounding.js'
import { graphFiles } from '../src/core/model-folder/manifest.js'
import type { Dtype, PaperText } from '../src/core/types.js'
import type { ModelFolder } from '../src/model/open-model.js'
import type { BenchOptions } from './bench-options.js'
import { dataFolder, scifactPapers, weightsFolder } from './benchmark-data.js'
import { workFolder } from './browser-page.js'
import { convert, dynamicForm, MINILM_SHAPE, publishedCheckpoint } from './models.js'

const plain = q8Form(nearest)
const withoutShift: LinearForm = { ...plain, dense: (graph, x, layer) => plain.dense(graph, x, layer, 'signed') }

/** The effect of each step of the quantization: MiniLM's vectors of abstracts by each form of its weights, compared with fp32. */
export async function quantizationSuite(options: BenchOptions): Promise<Row[]> {
  const published = weightsFolder(options)
  const texts = scifactPapers(dataFolder(options), options.papers ?? 2000)
  const converted = async (name: string, ...flags: string[]) => {
    const out = join(workFolder, `quantization-${name}`)
    await convert([published, '--dtype', 'fp32,q8,q4', '--out', out, ...flags])
    return openLocalModel(out)
  }
  const rounded = await converted('rounded', '--calibrate', 'none')
  const smoothed = await converted('smoothed', '--error-feedback', 'no')
  const fitted = await converted('fitted')
  const checkpoint = await publishedCheckpoint(published)
  const withForm = (form: LinearForm) => replacedGraph(rounded, checkpoint, published, form)

  const expected = await embedAll(rounded, 'fp32', texts)
  const variants: readonly (readonly [string, ModelFolder, Dtype])[] = [
    ['8 bits: an activation scale per text, a weight scale per column', await withForm(dynamicForm), 'q8'],
    ['and an activation scale per token', await withForm(withoutShift), 'q8'],
    ['and with word embeddings in fp32', await withForm({ ...withoutShift, embedding: fp32Form.embedding }), 'q8'],
    ["and GELU's shift", rounded, 'q8'],
    ['and smoothing', smoothed, 'q8'],
    ['and error feedback', fitted, 'q8'],
    ['4 bits: rounded to nearest', rounded, 'q4'],
    ['and smoothing', smoothed, 'q4'],
    ['and error feedback', fitted, 'q4'],
  ]
  const rows: Row[] = []
  for (const [name, model, dtype] of variants) {
    const { vectors } = await embedAll(model, dtype, texts)
    const { maxAbs, meanCosine, minCosine } = agreement(vectors, expected.vectors, expected.tokenCounts)
    rows.push({ name, dtype, papers: texts.length, maxAbs, meanCosine, minCosine })
    console.error(`${dtype}: ${name}: ${meanCosine.toFixed(5)} ${minCosine.toFixed(5)}`)
  }
  return rows
}

async function embedAll(folder: ModelFolder, dtype: Dtype, papers: readonly PaperText[]) {
  const engine = await loadEngine(folder, { dtype, threads: 2, signal: new AbortController().signal })
  const texts = papers.map((paper) => engine.tokenizePaper(paper))
  const vectors: Float32Array[] = []
  for (const text of texts) vectors.push(await engine.embed(text, 'base'))
  await engine.dispose()
  return { vectors, tokenCounts: texts.map(({ ids }) => ids.length) }
}

/** The same folder with another graph for q8. */
async function replacedGraph(
  folder: ModelFolder,
  checkpoint: Awaited<ReturnType<typeof publishedCheckpoint>>,
  name: string,
  form: LinearForm,
): Promise<ModelFolder> {
  const weights = new EncoderWeights(checkpoint, name)
  const parts: Uint8Array[] = []
  const graph = buildEncoderGraph({ shape: MINILM_SHAPE, weights, form, pooling: 'mean', adapters: false })
  for await (const part of encodeOnnx(graph)) parts.push(part)
  const bytes = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer())
  const [path] = graphFiles(folder.manifest, 'q8', 'wasm')
  return {
    ...folder,
    manifest: folder.manifest,
    file: async (file, options) => (file === path ? bytes : folder.file(file, options)),
  }
}
