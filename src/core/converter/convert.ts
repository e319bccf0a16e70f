import { type AdapterWeights, adapterTensors } from '../checkpoint/adapter-checkpoint.js'
import { openCheckpoint } from '../checkpoint/open-checkpoint.js'
import { openFirst, type PublishedFolder, readAdapterFolder, readJson, readText } from '../checkpoint/published-folder.js'
import { writeSafetensors } from '../checkpoint/safetensors.js'
import { InvalidArgumentError, Specter2Error, show } from '../errors.js'
import { DTYPES } from '../model-folder/dtypes.js'
import {
  CHUNK_BYTES,
  checkAdapterName,
  type Manifest,
  type ManifestAdapter,
  type ManifestFile,
  type ManifestGraph,
} from '../model-folder/manifest.js'
import { sha256Hex } from '../sha256.js'
import type { AdapterName, Dtype } from '../types.js'
import type { CalibrationTexts } from './calibration-texts.js'
import { buildEncoderGraph, type EncoderShape } from './encoder-graph.js'
import { EncoderWeights, type Smoothing } from './encoder-weights.js'
import { ErrorFeedback } from './error-feedback.js'
import { toFloat16 } from './float16.js'
import type { GraphRuntime } from './graph-runtime.js'
import { fp16Form, fp32Form, type LinearForm, observed, q4CpuForm, q4Form, q8Form } from './linear-forms.js'
import { matrixProduct } from './matrix-product.js'
import { describeModel, type ModelOptions } from './model-config.js'
import { collectOnnx, encodeExternalData, encodeOnnx, type OnnxGraph } from './onnx-writer.js'
import { ReferenceModel } from './reference-model.js'
import { nearest, type Rounding } from './rounding.js'
import { smoothingFactors } from './smoothing.js'
import { tokenizerFiles } from './tokenizer-files.js'

/** Where the converted folder goes. Files are written one after another; `manifest.json` is the last. */
export interface FolderSink {
  /** Chunks are {@link CHUNK_BYTES} long, the last one of a file at most so; each belongs to the sink. */
  write(path: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void>
}

/** What quantization is fitted to, and how far. */
export interface Calibration {
  texts: CalibrationTexts
  /**
   * Whether weights are rounded with error feedback too, which some 30,000 tokens and several minutes serve best. Without it
   * the texts say only how activations are to be smoothed; a few dozen do.
   */
  errorFeedback: boolean
}

export interface ConvertInput extends ModelOptions {
  base: PublishedFolder
  /** Published adapters by our names; the graph has adapter inputs where there is at least one. */
  adapters: ReadonlyMap<AdapterName, PublishedFolder>
  /** Default `['fp32', 'q8']`. */
  dtypes?: readonly Dtype[] | undefined
  /** The licence's text, which goes beside the weights. Default: the checkpoint's own file LICENSE, where it has one. */
  licenseText?: string | undefined
  /** What the notice must say besides, such as whose data an adapter was trained on. */
  attribution?: string | undefined
  /** Default `null`: weights are rounded to the nearest code and activations are not smoothed. */
  calibration?: Calibration | null | undefined
  sink: FolderSink
  runtime: GraphRuntime
  onProgress?: ((progress: ConvertProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

export interface ConvertProgress {
  /** File in work, `reference`, `self-test` or `calibration`. */
  step: string
  /** Of `calibration`: texts seen, of how many. */
  texts?: { done: number; total: number }
  /** Bytes written so far of all files. */
  bytes: number
}

const FOUR_BIT_DATA = 'onnx/model_q4.onnx_data'
const FOUR_BIT_CPU_GRAPH = 'onnx/model_q4_cpu.onnx'
const FILES: Readonly<Record<Dtype, ManifestGraph>> = {
  fp32: { graph: 'onnx/model.onnx' },
  fp16: { graph: 'onnx/model_fp16.onnx' },
  q8: { graph: 'onnx/model_quantized.onnx' },
  q4: { graph: 'onnx/model_q4.onnx', cpuGraph: FOUR_BIT_CPU_GRAPH, data: FOUR_BIT_DATA },
  q4f16: { graph: 'onnx/model_q4f16.onnx', cpuGraph: FOUR_BIT_CPU_GRAPH, data: FOUR_BIT_DATA },
}

/** Two short texts of our own, long enough (over 20 tokens) for the bars of the quantized dtypes. */
const SELF_TEST_TEXTS = [
  'Retrieval of related work by citation graphs. We learn vectors of papers from their titles and abstracts, so that papers citing each other lie close together.',
  'Effect of soil temperature on the growth of alpine plants: a field experiment over twelve years at four sites shows earlier flowering but no gain in biomass.',
]

/**
 * Converts a published BERT checkpoint and its adapters into a model folder. The same input gives the same bytes.
 *
 * Nothing is held in memory as a whole: weights are read tensor by tensor and written chunk by chunk.
 *
 * @returns the manifest, which is written too.
 * @throws Specter2Error `MODEL_NOT_FOUND`, `UNSUPPORTED`, `DAMAGED_FILE` or `INVALID_MODEL`, naming file and field;
 *   InvalidArgumentError for options that no manifest can hold.
 */
export async function convertModel(input: ConvertInput): Promise<Manifest> {
  const { base, sink, signal } = input
  const dtypes = input.dtypes ?? ['fp32', 'q8']
  if (dtypes.length === 0) throw new InvalidArgumentError('dtypes', dtypes, 'one dtype at least')
  for (const dtype of dtypes) {
    if (!DTYPES.includes(dtype)) {
      throw new Specter2Error('UNSUPPORTED', `Dtype ${show(dtype)} is not known; this converter writes ${DTYPES.join(', ')}.`, {
        details: { dtype, has: DTYPES },
      })
    }
  }
  for (const name of input.adapters.keys()) checkAdapterName(name, 'adapters')
  const config = await readJson(base, 'config.json')
  if (!config)
    throw new Specter2Error('MODEL_NOT_FOUND', `${base.name} has no config.json. Give the folder of a published checkpoint.`)
  const description = await describeModel(base, config, input.adapters.size > 0, input)
  const { shape } = description
  const source = await openFirst(base, ['model.safetensors', 'pytorch_model.bin'])
  const weights = new EncoderWeights(await openCheckpoint(source), `${base.name}/${source.name}`)
  // Adapters first: small, and a wrong one should not cost the time of the base.
  const adapters = new Map<AdapterName, AdapterWeights>()
  for (const [name, folder] of input.adapters)
    adapters.set(name, await ofAdapter(name, readAdapterFolder(folder, { hiddenSize: shape.hidden, layers: shape.layers })))

  const files: Record<string, ManifestFile> = {}
  let bytes = 0
  const write = async (path: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
    const chunks: string[] = []
    let size = 0
    async function* hashed() {
      for await (const chunk of rechunk(parts)) {
        signal?.throwIfAborted()
        chunks.push(await sha256Hex(chunk))
        size += chunk.length
        bytes += chunk.length
        yield chunk
        input.onProgress?.({ step: path, bytes })
      }
    }
    input.onProgress?.({ step: path, bytes })
    await sink.write(path, hashed())
    files[path] = { bytes: size, chunks }
  }

  const { tokenizer, config: tokenizerConfig } = await tokenizerFiles(base, description.maxTokens)
  await write('config.json', [json(config)])
  await write('tokenizer.json', [json(tokenizer)])
  await write('tokenizer_config.json', [json(tokenizerConfig)])
  const licenseText = input.licenseText ?? (await readText(base, 'LICENSE'))
  if (licenseText !== null) await write('LICENSE', [encode(licenseText)])
  await write('NOTICE.md', [encode(notice(input.id ?? base.name, input))])
  const listed: Record<string, ManifestAdapter> = {}
  for (const [name, adapter] of adapters) {
    const tensors = adapterTensors(adapter)
    const file = `adapters/${name}.safetensors`
    const half = `adapters/${name}.f16.safetensors`
    await write(file, [writeSafetensors(tensors)])
    await write(half, [writeSafetensors(tensors.map((tensor) => ({ ...tensor, data: toFloat16(tensor.data) })))])
    listed[name] = { file, half, source: input.adapters.get(name)!.name }
  }

  const manifest: Manifest = {
    formatVersion: 1,
    id: input.id ?? base.name,
    revision: input.revision ?? '',
    license: input.license ?? 'unknown',
    dimension: shape.hidden,
    layers: shape.layers,
    maxTokens: description.maxTokens,
    pooling: description.pooling,
    normalized: description.normalized,
    metric: description.metric,
    templates: description.templates,
    dtypes: Object.fromEntries(DTYPES.filter((dtype) => dtypes.includes(dtype)).map((dtype) => [dtype, FILES[dtype]])),
    adapters: listed,
    defaultAdapter: adapters.has('proximity') ? 'proximity' : 'base',
    queryAdapter: adapters.has('adhoc_query') ? 'adhoc_query' : adapters.has('proximity') ? 'proximity' : 'base',
    files,
    selfTest: { texts: SELF_TEST_TEXTS, vectors: {} },
  }
  const graphOf = (form: LinearForm, weights: EncoderWeights, wholeLastLayer = false) =>
    buildEncoderGraph({ shape, weights, form, pooling: description.pooling, adapters: adapters.size > 0, wholeLastLayer })

  // Self-test and calibration are by the fp32 graph, which is not always written.
  input.onProgress?.({ step: 'reference', bytes })
  let graph: Uint8Array<ArrayBuffer> | null = await collectOnnx(graphOf(observed(fp32Form), weights, true))
  signal?.throwIfAborted()
  manifest.revision ||= (await sha256Hex(graph)).slice(0, 16)
  const textTokenizer = input.runtime.tokenizer({ tokenizer, config: tokenizerConfig }, manifest)
  const reference = new ReferenceModel({
    session: await input.runtime.open(graph),
    tokenizer: textTokenizer,
    manifest,
    adapters,
  })
  // The session has its own copy.
  graph = null
  signal?.throwIfAborted()
  input.onProgress?.({ step: 'self-test', bytes })
  const vectors = await reference.vectors(SELF_TEST_TEXTS)
  checkVectors(vectors, `${base.name}/${source.name}`)
  manifest.selfTest = { texts: SELF_TEST_TEXTS, vectors }

  const quantization = await quantizationFor({ ...input, dtypes }, reference, weights, shape, (texts) =>
    input.onProgress?.({ step: 'calibration', bytes, texts }),
  )
  await reference.release()
  const { rounding } = quantization
  const quantized = weights.smoothed(quantization.smoothing)
  const graphs: Readonly<Record<Dtype, () => OnnxGraph>> = {
    fp32: () => graphOf(fp32Form, weights),
    fp16: () => graphOf(fp16Form, weights),
    q8: () => graphOf(q8Form(rounding), quantized),
    q4: () => graphOf(q4Form(rounding, 'float32'), quantized),
    q4f16: () => graphOf(q4Form(rounding, 'float16'), quantized),
  }
  for (const dtype of Object.keys(manifest.dtypes) as Dtype[]) {
    const { graph, cpuGraph, data } = FILES[dtype]
    await write(graph, encodeOnnx(graphs[dtype](), data && fileName(data)))
    if (!cpuGraph || !data || files[data]) continue
    const onCpu = graphOf(q4CpuForm(rounding), quantized)
    await write(cpuGraph, encodeOnnx(onCpu, fileName(data)))
    await write(data, encodeExternalData(onCpu))
  }
  await quantization.release()
  await sink.write('manifest.json', rechunk([json(manifest)]))
  return manifest
}

/** @param weights Name of the weights' file, for the message. */
function checkVectors(vectors: Manifest['selfTest']['vectors'], weights: string): void {
  for (const [adapter, rows] of Object.entries(vectors)) {
    if (rows.flat().every(Number.isFinite)) continue
    throw new Specter2Error(
      'DAMAGED_FILE',
      `${weights}${adapter === 'base' ? '' : ` with adapter ${adapter}`} gives vectors that are no numbers: its weights hold NaN or infinite values. Fetch it again.`,
      { details: { file: weights.replace(/^.*\//, ''), adapter } },
    )
  }
}

interface Quantization {
  rounding: Rounding
  smoothing: Smoothing
  release(): Promise<void>
}

/** How weights are to be rounded, by what the calibration shows. */
async function quantizationFor(
  { calibration, dtypes, runtime, signal }: ConvertInput,
  reference: ReferenceModel,
  weights: EncoderWeights,
  shape: EncoderShape,
  onTexts: (texts: { done: number; total: number }) => void,
): Promise<Quantization> {
  const release = async () => {}
  if (!calibration || !dtypes?.some((dtype) => dtype.startsWith('q'))) return { rounding: nearest, smoothing: new Map(), release }
  const products = calibration.errorFeedback ? await matrixProduct(runtime) : null
  const onText = (done: number, total: number) => onTexts({ done, total })
  const { maxima, grams } = await reference.observe(calibration.texts, products?.product ?? null, { onText, signal })
  const smoothing = await smoothingFactors(shape, weights, maxima)
  if (!products) return { rounding: nearest, smoothing, release }
  return { rounding: new ErrorFeedback(grams, smoothing, products.product), smoothing, release: products.release }
}

/** Parts of any size as chunks of {@link CHUNK_BYTES}. */
async function* rechunk(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(CHUNK_BYTES)
  let filled = 0
  for await (const part of parts) {
    for (let offset = 0; offset < part.length; ) {
      const taken = Math.min(CHUNK_BYTES - filled, part.length - offset)
      chunk.set(part.subarray(offset, offset + taken), filled)
      filled += taken
      offset += taken
      if (filled === CHUNK_BYTES) {
        yield chunk
        chunk = new Uint8Array(CHUNK_BYTES)
        filled = 0
      }
    }
  }
  if (filled > 0) yield chunk.slice(0, filled)
}

const encode = (text: string) => new TextEncoder().encode(text)
const json = (value: unknown) => encode(`${JSON.stringify(value)}\n`)

/** What whoever passes the folder on has to say: licences ask for the origin and a note of changes. */
function notice(id: string, { revision, license, attribution, adapters }: ConvertInput): string {
  const weights = [
    `- ${id}${revision ? `, revision ${revision}` : ''}, licence ${license ?? 'unknown'}`,
    ...[...adapters].map(([name, folder]) => `- adapter ${name}, from ${folder.name}`),
  ]
  return `# Notice

The weights in this folder were made from these published ones:

${weights.join('\n')}

Changes: written as ONNX by specter2-web; quantized where the file's name says so. The weights remain under the licence of
their authors.
${attribution ? `\n${attribution}\n` : ''}`
}

/** Several adapters have files of the same names: says whose it was. */
async function ofAdapter<T>(name: AdapterName, reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    if (!(error instanceof Specter2Error)) throw error
    const { code, message, retryable, details } = error
    throw new Specter2Error(code, `Adapter ${name}: ${message}`, {
      retryable,
      details: { ...details, adapter: name },
      cause: error,
    })
  })
}

const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1)
