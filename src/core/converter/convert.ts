import type { CalibrationTexts } from '../calibration-texts.js'
import { type AdapterWeights, adapterTensors } from '../checkpoint/adapter-checkpoint.js'
import { openBaseWeights } from '../checkpoint/base-weights.js'
import { type PublishedFolder, readAdapterFolder, readText } from '../checkpoint/published-folder.js'
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
import { buildEncoderGraph, type EncoderShape } from './encoder-graph.js'
import { EncoderWeights, type Smoothing } from './encoder-weights.js'
import { ErrorFeedback } from './error-feedback.js'
import { toFloat16 } from './float16.js'
import type { GraphRuntime } from './graph-runtime.js'
import { fp16Form, fp32Form, type LinearForm, observed, q4CpuForm, q4Form, q8Form } from './linear-forms.js'
import { matrixProduct } from './matrix-product.js'
import { describeModel, readModelConfig } from './model-config.js'
import type { ModelOptions } from './model-options.js'
import { collectOnnx, encodeExternalData, encodeOnnx, type OnnxGraph } from './onnx-writer.js'
import { ReferenceModel } from './reference-model.js'
import { BLOCK, nearest, type Rounding } from './rounding.js'
import { smoothingFactors } from './smoothing.js'
import { tokenizerFiles } from './tokenizer-files.js'

/** Destination of the converted folder. Files are written one after another, `manifest.json` last. */
export interface FolderSink {
  /** Chunks have {@link CHUNK_BYTES}, the last one of a file may be shorter; each belongs to the sink. */
  write(path: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void>
}

/** How quantization is calibrated. */
export interface Calibration {
  texts: CalibrationTexts
  /**
   * Whether to round weights with error feedback as well, which takes several minutes and works best with some 30,000 tokens.
   * Without it, the texts are only used to smooth activations, for which a few dozen are enough.
   */
  errorFeedback: boolean
}

export interface ConvertInput extends ModelOptions {
  base: PublishedFolder
  /** Published adapters by the names they get; with at least one, the graph has adapter inputs. */
  adapters: ReadonlyMap<AdapterName, PublishedFolder>
  /** Default `['fp32', 'q8']`. */
  dtypes?: readonly Dtype[] | undefined
  /** Text of the licence, which is written beside the weights. Default: the checkpoint's own file LICENSE, if it has one. */
  licenseText?: string | undefined
  /** Further text of the notice, such as whose data an adapter was trained on. */
  attribution?: string | undefined
  /** Default `null`: weights are rounded to the nearest code and activations are not smoothed. */
  calibration?: Calibration | null | undefined
  /** Whether to measure the scale of likeness with the fp32 graph. Default `false`: the first search measures it, much faster. */
  likeness?: boolean | undefined
  sink: FolderSink
  runtime: GraphRuntime
  onProgress?: ((progress: ConvertProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

export interface ConvertProgress {
  /** The file that is being written, `reference`, `self-test`, `likeness` or `calibration`. */
  step: string
  /** Progress of `calibration`. */
  texts?: { done: number; total: number }
  /** Bytes of all files written so far. */
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

/** Two short texts, long enough (over 20 tokens) for the quality bars of the quantized dtypes. */
const SELF_TEST_TEXTS = [
  'Retrieval of related work by citation graphs. We learn vectors of papers from their titles and abstracts, so that papers citing each other lie close together.',
  'Effect of soil temperature on the growth of alpine plants: a field experiment over twelve years at four sites shows earlier flowering but no gain in biomass.',
]

/**
 * Converts a published BERT checkpoint and its adapters into a model folder. The same input always gives the same bytes.
 *
 * Weights are read tensor by tensor and written chunk by chunk, so that memory never holds a whole file.
 *
 * @returns The manifest, which is also written to the sink.
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
  const config = await readModelConfig(base)
  const description = await describeModel(base, config, input.adapters.size > 0, input)
  const { shape } = description
  for (const dtype of dtypes) checkWidths(dtype, shape)
  const { tokenizer, config: tokenizerConfig } = await tokenizerFiles(base, description.maxTokens, shape.vocabulary)
  // Before the weights: a tokenizer that cannot be had exactly is refused at once.
  const textTokenizer = input.runtime.tokenizer({ tokenizer, config: tokenizerConfig }, description)
  const { file: weightsFile, checkpoint } = await openBaseWeights(base)
  const weights = new EncoderWeights(checkpoint, `${base.name}/${weightsFile}`)
  // Adapters first: they are small, and a wrong one should not cost the time of converting the base.
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

  // Self-test and calibration run the fp32 graph, which is not always written.
  input.onProgress?.({ step: 'reference', bytes })
  let graph: Uint8Array<ArrayBuffer> | null = await collectOnnx(graphOf(observed(fp32Form), weights, true))
  signal?.throwIfAborted()
  manifest.revision ||= (await sha256Hex(graph)).slice(0, 16)
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
  checkVectors(vectors, `${base.name}/${weightsFile}`)
  manifest.selfTest = { texts: SELF_TEST_TEXTS, vectors }
  if (input.likeness) {
    input.onProgress?.({ step: 'likeness', bytes })
    manifest.likeness = await reference.likeness(signal)
  }

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

/** Four bits come in blocks of one width. */
function checkWidths(dtype: Dtype, { hidden, intermediate }: EncoderShape): void {
  if (!dtype.startsWith('q4')) return
  for (const [field, width] of Object.entries({ hidden_size: hidden, intermediate_size: intermediate })) {
    if (width % BLOCK === 0) continue
    throw new Specter2Error(
      'UNSUPPORTED',
      `Dtype ${dtype} needs widths that are multiples of ${BLOCK}, but ${field} is ${width}. Choose q8, fp16 or fp32.`,
      { details: { dtype, field, actual: width, multipleOf: BLOCK } },
    )
  }
}

/** @param weights Name of the weights' file, for the message. */
function checkVectors(vectors: Manifest['selfTest']['vectors'], weights: string): void {
  for (const [adapter, rows] of Object.entries(vectors)) {
    if (rows.flat().every(Number.isFinite)) continue
    throw new Specter2Error(
      'DAMAGED_FILE',
      `${weights}${adapter === 'base' ? '' : ` with adapter ${adapter}`} gives vectors that are not numbers: its weights hold NaN or infinite values. Fetch it again.`,
      { details: { file: weights.replace(/^.*\//, ''), adapter } },
    )
  }
}

interface Quantization {
  rounding: Rounding
  smoothing: Smoothing
  release(): Promise<void>
}

/** How to round weights, according to the calibration. */
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

/** The notice that must accompany the folder: licences require the origin and a note of changes. */
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

/** Names the adapter in an error, since the files of all adapters have the same names. */
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
