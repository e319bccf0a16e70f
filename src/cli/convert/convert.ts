import { availableParallelism } from 'node:os'
import { CALIBRATION_PAPERS, CALIBRATION_QUERIES } from '../../core/calibration-texts.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { type Calibration, type ConvertInput, convertModel } from '../../core/converter/convert.js'
import type { ModelOptions } from '../../core/converter/model-options.js'
import { MORE_CALIBRATION_PAPERS } from '../../core/converter/more-calibration-texts.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { DTYPES } from '../../core/model-folder/dtypes.js'
import type { AdapterName } from '../../core/types.js'
import { runtimeFolder } from '../../node/paths.js'
import { listOf, oneOf, onlyArgument, parseCommand, wholeNumber } from '../arguments.js'
import { readText } from '../files.js'
import type { Output } from '../output.js'
import { readTexts } from '../texts-file.js'
import { StagedFolder } from './local-folder.js'
import { openArgument } from './published-argument.js'

const YES_NO = ['yes', 'no'] as const

export const convertUsage = `specter2-web convert <base> --out <folder> [options]

Converts a published BERT checkpoint (config.json, model.safetensors or pytorch_model.bin, whole or in shards, tokenizer
files) into a model folder for the browser. <base> and the FOLDERs of adapters are local folders, or else owner/name or
owner/name@revision on the hub (HF_ENDPOINT, HF_TOKEN).

  --adapter NAME=FOLDER      an adapter of the adapters library; repeatable. SPECTER2's names: proximity, adhoc_query,
                             classification, regression
  --dtype LIST               of ${DTYPES.join(', ')}; default fp32,q8
  --calibrate FILE|none      texts to fit the quantization to, JSON Lines of {title, abstract}, {text} or {query};
                             default: some 80 texts of our own. none: round to nearest, measure no
                             likeness, in seconds
  --error-feedback yes|no    let later weights compensate for the rounding of earlier ones: closer to fp32, but takes
                             minutes; default yes
  --pooling cls|mean         default: from the checkpoint's files
  --normalize yes|no         default: from modules.json
  --max-tokens N             default: from the checkpoint's files
  --metric euclidean|cosine
  --paper-template TEXT      with {title} and {abstract}
  --query-template TEXT      with {query}
  --id NAME --license SPDX   written to the manifest
  --revision ID              of a local base: written to the manifest; of a base on the hub: what to download, default main
  --token TOKEN              for the hub; default HF_TOKEN
  --license-file FILE        saved as LICENSE beside the weights; default: the checkpoint's own
  --attribution TEXT         what NOTICE.md must say in addition`

/** @returns The folder that was written, as `--out` names it. */
export async function convertCommand(args: readonly string[], output: Output, signal: AbortSignal): Promise<string> {
  const { positionals, values } = parseCommand(args, {
    out: { type: 'string' },
    adapter: { type: 'string', multiple: true, default: [] },
    dtype: { type: 'string', default: 'fp32,q8' },
    calibrate: { type: 'string' },
    'error-feedback': { type: 'string', default: 'yes' },
    pooling: { type: 'string' },
    normalize: { type: 'string' },
    'max-tokens': { type: 'string' },
    metric: { type: 'string' },
    'paper-template': { type: 'string' },
    'query-template': { type: 'string' },
    id: { type: 'string' },
    revision: { type: 'string' },
    token: { type: 'string' },
    license: { type: 'string' },
    'license-file': { type: 'string' },
    attribution: { type: 'string' },
  })
  const base = onlyArgument('<base>', positionals, 'one folder')
  if (!values.out) throw new InvalidArgumentError('--out', values.out, 'the folder to write')
  const adapterArguments = parseAdapters(values.adapter)
  const { createGraphRuntime } = await import('../../engine/transformers-runtime.js')
  const flags: Omit<ConvertInput, 'base' | 'adapters' | 'sink'> = {
    dtypes: listOf('--dtype', values.dtype, DTYPES),
    pooling: oneOf('--pooling', values.pooling, ['cls', 'mean']),
    normalized: values.normalize === undefined ? undefined : isYes('--normalize', values.normalize),
    maxTokens: values['max-tokens'] === undefined ? undefined : wholeNumber('--max-tokens', values['max-tokens'], 3),
    metric: oneOf('--metric', values.metric, ['euclidean', 'cosine']),
    paperTemplate: values['paper-template'],
    queryTemplate: values['query-template'],
    id: values.id,
    revision: values.revision,
    license: values.license,
    attribution: values.attribution,
    licenseText: values['license-file'] === undefined ? undefined : await readText('--license-file', values['license-file']),
    likeness: values.calibrate !== 'none',
    calibration: await calibration(values.calibrate, isYes('--error-feedback', values['error-feedback'])),
    runtime: createGraphRuntime({ runtime: runtimeFolder(), threads: availableParallelism() }),
    signal,
  }
  const { token, revision } = values
  const opened = await openArgument(base, 'base', { revision, token, signal, output })
  const adapters = new Map<AdapterName, PublishedFolder>()
  for (const [name, folder] of adapterArguments)
    adapters.set(name, (await openArgument(folder, 'adapter', { token, signal, output })).folder)
  const sink = await StagedFolder.create(values.out)
  try {
    const manifest = await convertModel({
      ...withDefaults(flags, opened.options),
      revision: opened.options.revision ?? revision,
      base: opened.folder,
      adapters,
      sink,
      onProgress: ({ step, bytes, texts }) =>
        output.showProgress(
          step,
          `${(bytes / 1e6).toFixed(1)} MB written, ${step}${texts ? ` by text ${texts.done} of ${texts.total}` : ''}`,
        ),
    })
    await sink.commit()
    const [dtypes, names] = [Object.keys(manifest.dtypes), ['base', ...Object.keys(manifest.adapters)]]
    output.print(`${values.out}: ${manifest.id} as ${dtypes.join(', ')} with adapters ${names.join(', ')}`)
    return values.out
  } catch (error) {
    await sink.discard()
    throw error
  }
}

/** Folders or repositories of the adapters, by name. */
function parseAdapters(values: readonly string[]): Map<AdapterName, string> {
  const folders = new Map<AdapterName, string>()
  for (const value of values) {
    const [, name, folder] = /^([a-z0-9][\w.-]*)=(.+)$/i.exec(value) ?? []
    if (!name || !folder || name === 'base') {
      const expected = 'NAME=FOLDER, with a name of letters, digits, ".", "-" and "_" other than base'
      throw new InvalidArgumentError('--adapter', value, expected)
    }
    if (folders.has(name)) throw new InvalidArgumentError('--adapter', value, 'a name that was not given before')
    folders.set(name, folder)
  }
  return folders
}

/** Flags, completed by what the model card of the base says. */
function withDefaults<T extends ModelOptions>(flags: T, options: ModelOptions): T {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined)
  return { ...flags, ...options, ...Object.fromEntries(given) }
}

function isYes(field: string, value: string): boolean {
  return oneOf(field, value, YES_NO) === 'yes'
}

/** What quantization is fitted to: the texts of a file, or our own. */
async function calibration(file: string | undefined, errorFeedback: boolean): Promise<Calibration | null> {
  if (file === 'none') return null
  if (file !== undefined) return { texts: await readTexts('--calibrate', file), errorFeedback }
  const papers = [...CALIBRATION_PAPERS, ...(errorFeedback ? MORE_CALIBRATION_PAPERS : [])]
  return { texts: { papers, queries: CALIBRATION_QUERIES }, errorFeedback }
}
