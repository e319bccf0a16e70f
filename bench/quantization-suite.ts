import { join, resolve } from 'node:path'
import { convertCommand } from '../src/cli/convert/convert.js'
import { agreement } from '../src/cli/evaluate/vector-agreement.js'
import { openLocalModel } from '../src/cli/local-model.js'
import { runtimeFolder } from '../src/cli/paths.js'
import type { Row } from '../src/cli/report.js'
import { buildEncoderGraph } from '../src/core/converter/encoder-graph.js'
import { EncoderWeights } from '../src/core/converter/encoder-weights.js'
import { fp32Form, type LinearForm, q8Form } from '../src/core/converter/linear-forms.js'
import { encodeOnnx } from '../src/core/converter/onnx-writer.js'
import { nearest } from '../src/core/converter/rounding.js'
import { graphFiles } from '../src/core/model-folder/manifest.js'
import type { Dtype, PaperText } from '../src/core/types.js'
import { Engine } from '../src/engine/engine.js'
import type { ModelFolder } from '../src/model/open-model.js'
import type { BenchOptions } from './bench-options.js'
import { workFolder } from './browser-page.js'
import { scifactPapers } from './data.js'
import { dynamicForm, MINILM_SHAPE, publishedCheckpoint, requireFolder } from './models.js'

const plain = q8Form(nearest)
const withoutShift: LinearForm = { ...plain, dense: (graph, x, layer) => plain.dense(graph, x, layer, 'signed') }

/** What each step of the quantization brings: MiniLM's vectors of abstracts by each form of its weights, beside fp32's. */
export async function quantizationSuite({ data, weights, papers = 2000 }: BenchOptions): Promise<Row[]> {
  const folder = requireFolder(resolve(data ?? '.'), '--data')
  const published = requireFolder(resolve(weights ?? join(folder, '../weights/all-MiniLM-L6-v2')), '--weights')
  const texts = scifactPapers(folder, papers)
  const convert = async (name: string, ...options: string[]) => {
    const out = join(workFolder, `quantization-${name}`)
    await convertCommand([published, '--dtype', 'fp32,q8,q4', '--out', out, ...options], new AbortController().signal)
    return openLocalModel(out)
  }
  const rounded = await convert('rounded', '--calibrate', 'none')
  const smoothed = await convert('smoothed', '--error-feedback', 'no')
  const fitted = await convert('fitted')
  const checkpoint = await publishedCheckpoint(published)
  const withForm = (form: LinearForm) => replacedGraph(rounded, checkpoint, published, form)

  const expected = await embedAll(rounded, 'fp32', texts)
  const variants: readonly (readonly [string, ModelFolder, Dtype])[] = [
    ['8 bits: an activation scale a text, a weight scale a column', await withForm(dynamicForm), 'q8'],
    ['and an activation scale a token', await withForm(withoutShift), 'q8'],
    ['and with word embeddings in fp32', await withForm({ ...withoutShift, embedding: fp32Form.embedding }), 'q8'],
    ["and GELU's shift", rounded, 'q8'],
    ['and smoothing', smoothed, 'q8'],
    ['and error feedback', fitted, 'q8'],
    ['4 bits: to the nearest', rounded, 'q4'],
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
  const engine = await Engine.load(folder, { dtype, device: 'wasm', threads: 2, runtime: runtimeFolder })
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
