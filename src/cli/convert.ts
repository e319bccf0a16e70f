import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { PublishedFolder } from '../checkpoint/published-folder.js'
import { CONVERTIBLE_DTYPES, type ConvertInput, convertModel, type UntestedModel } from '../convert/convert.js'
import { Engine } from '../engine/engine.js'
import { InvalidArgumentError } from '../errors.js'
import type { Manifest } from '../model/manifest.js'
import type { AdapterName, Dtype } from '../types.js'
import { localFolder, StagedFolder } from './local-folder.js'
import { runtimeFolder } from './paths.js'
import { ProgressLine } from './progress-line.js'

export const convertUsage = `specter2-web convert <base> --out <folder> [options]

Converts a published BERT checkpoint (config.json, model.safetensors or pytorch_model.bin, tokenizer files) into a
model folder for the browser.

  --adapter NAME=FOLDER   an adapter of the adapters library; may be given several times. SPECTER2's names:
                          proximity, adhoc_query, classification, regression
  --dtype LIST            of ${CONVERTIBLE_DTYPES.join(', ')}; default fp32,q8
  --pooling cls|mean      default: by the checkpoint's own files
  --normalize yes|no      default: by modules.json
  --max-tokens N          default: by the checkpoint's own files
  --metric euclidean|cosine
  --paper-template TEXT   with {title} and {abstract}
  --query-template TEXT   with {query}
  --id NAME --revision ID --license SPDX   written to the manifest
  --license-file FILE     goes beside the weights as LICENSE; default the checkpoint's own
  --attribution TEXT      what NOTICE.md must say besides`

export async function convertCommand(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      adapter: { type: 'string', multiple: true, default: [] },
      dtype: { type: 'string', default: 'fp32,q8' },
      pooling: { type: 'string' },
      normalize: { type: 'string' },
      'max-tokens': { type: 'string' },
      metric: { type: 'string' },
      'paper-template': { type: 'string' },
      'query-template': { type: 'string' },
      id: { type: 'string' },
      revision: { type: 'string' },
      license: { type: 'string' },
      'license-file': { type: 'string' },
      attribution: { type: 'string' },
    },
  })
  const [base, ...rest] = positionals
  if (!base || rest.length > 0) throw new InvalidArgumentError('<base>', positionals.join(' '), 'one folder')
  if (!values.out) throw new InvalidArgumentError('--out', values.out, 'the folder to write')

  const adapters = new Map<AdapterName, PublishedFolder>()
  for (const adapter of values.adapter) {
    const [, name, folder] = /^([a-z0-9][\w.-]*)=(.+)$/i.exec(adapter) ?? []
    if (!name || !folder || name === 'base')
      throw new InvalidArgumentError(
        '--adapter',
        adapter,
        'NAME=FOLDER, with a name of letters, digits, ".", "-" and "_" other than base',
      )
    if (adapters.has(name)) throw new InvalidArgumentError('--adapter', adapter, 'a name that was not given before')
    adapters.set(name, await localFolder(folder))
  }
  const input: Omit<ConvertInput, 'sink'> = {
    base: await localFolder(base),
    adapters,
    dtypes: values.dtype.split(',').map((dtype) => oneOf('--dtype', dtype, CONVERTIBLE_DTYPES)) as Dtype[],
    pooling: oneOf('--pooling', values.pooling, ['cls', 'mean'] as const),
    normalized:
      values.normalize === undefined ? undefined : oneOf('--normalize', values.normalize, ['yes', 'no'] as const) === 'yes',
    maxTokens: values['max-tokens'] === undefined ? undefined : wholeNumber('--max-tokens', values['max-tokens']),
    metric: oneOf('--metric', values.metric, ['euclidean', 'cosine'] as const),
    paperTemplate: values['paper-template'],
    queryTemplate: values['query-template'],
    id: values.id,
    revision: values.revision,
    license: values.license,
    attribution: values.attribution,
    licenseText: values['license-file'] === undefined ? undefined : await textFile('--license-file', values['license-file']),
    embed: selfTestVectors,
    signal,
  }
  const sink = await StagedFolder.create(values.out)
  const line = new ProgressLine()
  try {
    const manifest = await convertModel({
      ...input,
      sink,
      onProgress: ({ step, bytes }) => line.show(step, `${(bytes / 1e6).toFixed(1)} MB written, ${step}`),
    })
    await sink.commit()
    line.end(
      `${values.out}: ${manifest.id} as ${Object.keys(manifest.dtypes).join(', ')} with adapters ${['base', ...Object.keys(manifest.adapters)].join(', ')}`,
    )
  } catch (error) {
    line.end()
    await sink.discard()
    throw error
  }
}

/** Vectors of the fp32 graph, on the runtime of the page. */
export async function selfTestVectors(
  model: UntestedModel,
  texts: readonly string[],
  adapters: readonly AdapterName[],
): Promise<Manifest['selfTest']['vectors']> {
  const engine = await Engine.load(model, { dtype: 'fp32', device: 'wasm', threads: 1, runtime: runtimeFolder })
  const vectors: Record<string, number[][]> = {}
  for (const adapter of adapters) {
    vectors[adapter] = []
    for (const text of texts) {
      const vector = await engine.embed(engine.tokenizePaper(text), adapter)
      vectors[adapter].push(Array.from(vector, (value) => Number(value.toPrecision(7))))
    }
  }
  return vectors
}

async function textFile(field: string, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new InvalidArgumentError(field, path, 'a file that can be read')
  return text
}

function oneOf<T extends string>(field: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || (allowed as readonly string[]).includes(value)) return value as T | undefined
  throw new InvalidArgumentError(field, value, `one of ${allowed.join(', ')}`)
}

function wholeNumber(field: string, value: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 3) throw new InvalidArgumentError(field, value, 'a whole number of at least 3')
  return number
}
