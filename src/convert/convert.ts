import { type AdapterWeights, adapterTensors } from '../checkpoint/adapter-checkpoint.js'
import { openCheckpoint } from '../checkpoint/open-checkpoint.js'
import { openFirst, type PublishedFolder, readAdapterFolder, readJson, readText } from '../checkpoint/published-folder.js'
import { writeSafetensors } from '../checkpoint/safetensors.js'
import { InvalidArgumentError, Specter2Error, show } from '../errors.js'
import { CHUNK_BYTES, type Manifest, type ManifestAdapter, type ManifestFile } from '../model/manifest.js'
import { sha256Hex } from '../model/sha256.js'
import type { AdapterName, Dtype } from '../types.js'
import { buildEncoderGraph } from './encoder-graph.js'
import { EncoderWeights } from './encoder-weights.js'
import { fp32Form, type LinearForm, q8Form } from './linear-forms.js'
import { describeModel, type ModelOptions } from './model-config.js'
import { encodeOnnx } from './onnx-writer.js'
import { tokenizerFiles } from './tokenizer-files.js'

/** Where the converted folder goes. Files are written one after another; `manifest.json` is the last. */
export interface FolderSink {
  /** Chunks are {@link CHUNK_BYTES} long, the last one of a file at most so; each belongs to the sink. */
  write(path: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void>
  /** A file that was written before. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>
  remove(path: string): Promise<void>
}

/** A converted model without its self-test, as the runtime needs it to make the self-test's vectors. */
export interface UntestedModel {
  manifest: Manifest
  file(path: string): Promise<Uint8Array<ArrayBuffer>>
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
  sink: FolderSink
  /** Vectors of the texts by the fp32 graph for each adapter: the conversion runs no model itself. */
  embed: (
    model: UntestedModel,
    texts: readonly string[],
    adapters: readonly AdapterName[],
  ) => Promise<Manifest['selfTest']['vectors']>
  onProgress?: ((progress: ConvertProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

export interface ConvertProgress {
  /** File in work, or `self-test`. */
  step: string
  /** Bytes written so far of all files. */
  bytes: number
}

const FORMS: Readonly<Partial<Record<Dtype, { path: string; form: LinearForm }>>> = {
  fp32: { path: 'onnx/model.onnx', form: fp32Form },
  q8: { path: 'onnx/model_quantized.onnx', form: q8Form },
}
/** Dtypes that this converter writes. */
export const CONVERTIBLE_DTYPES = Object.keys(FORMS) as readonly Dtype[]

/** Becomes a file's name; the manifest allows these. */
const ADAPTER_NAME = /^[a-z0-9][\w.-]*$/i

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
    if (!Object.hasOwn(FORMS, dtype)) {
      throw new Specter2Error(
        'UNSUPPORTED',
        `Dtype ${show(dtype)} is not known; this converter writes ${CONVERTIBLE_DTYPES.join(', ')}.`,
        {
          details: { dtype, has: CONVERTIBLE_DTYPES },
        },
      )
    }
  }
  for (const name of input.adapters.keys()) {
    if (name === 'base' || !ADAPTER_NAME.test(name))
      throw new InvalidArgumentError('adapters', name, 'named with letters, digits, ".", "-" and "_", and not "base"')
  }
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
    const file = `adapters/${name}.safetensors`
    await write(file, [writeSafetensors(adapterTensors(adapter))])
    listed[name] = { file, source: input.adapters.get(name)!.name }
  }
  // The self-test is made by fp32, so that graph is written in any case.
  const paths: Partial<Record<Dtype, string>> = {}
  for (const dtype of new Set<Dtype>(['fp32', ...dtypes])) {
    const { path, form } = FORMS[dtype]!
    const graph = buildEncoderGraph({ shape, weights, form, pooling: description.pooling, adapters: adapters.size > 0 })
    await write(path, encodeOnnx(graph))
    paths[dtype] = path
  }

  const manifest: Manifest = {
    formatVersion: 1,
    id: input.id ?? base.name,
    revision: input.revision ?? (await digest(files[paths.fp32!]!)),
    license: input.license ?? 'unknown',
    dimension: shape.hidden,
    layers: shape.layers,
    maxTokens: description.maxTokens,
    pooling: description.pooling,
    normalized: description.normalized,
    metric: description.metric,
    templates: description.templates,
    dtypes: paths,
    adapters: listed,
    defaultAdapter: adapters.has('proximity') ? 'proximity' : 'base',
    queryAdapter: adapters.has('adhoc_query') ? 'adhoc_query' : adapters.has('proximity') ? 'proximity' : 'base',
    files,
    selfTest: { texts: SELF_TEST_TEXTS, vectors: {} },
  }
  input.onProgress?.({ step: 'self-test', bytes })
  const names: AdapterName[] = ['base', ...[...adapters.keys()].filter((name) => name !== 'base')]
  const vectors = await input.embed({ manifest, file: (path) => sink.read(path) }, SELF_TEST_TEXTS, names)
  signal?.throwIfAborted()
  for (const [name, rows] of Object.entries(vectors)) {
    if (rows.flat().every(Number.isFinite)) continue
    throw new Specter2Error(
      'DAMAGED_FILE',
      `${base.name}/${source.name}${name === 'base' ? '' : ` with adapter ${name}`} gives vectors that are no numbers: its weights hold NaN or infinite values. Fetch it again.`,
      { details: { file: source.name, adapter: name } },
    )
  }
  manifest.selfTest = { texts: SELF_TEST_TEXTS, vectors }

  if (!dtypes.includes('fp32')) {
    await sink.remove(paths.fp32!)
    delete files[paths.fp32!]
    delete paths.fp32
  }
  await sink.write('manifest.json', rechunk([json(manifest)]))
  return manifest
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

/** A revision for weights that come without one: their fp32 graph's hashes, hashed. */
async function digest(file: ManifestFile): Promise<string> {
  return (await sha256Hex(new TextEncoder().encode(file.chunks.join('')))).slice(0, 16)
}
