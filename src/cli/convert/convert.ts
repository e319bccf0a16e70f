import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { CALIBRATION_PAPERS, CALIBRATION_QUERIES } from '../../core/converter/calibration-texts.js'
import { type Calibration, type ConvertInput, convertModel } from '../../core/converter/convert.js'
import type { ModelOptions } from '../../core/converter/model-options.js'
import { MORE_CALIBRATION_PAPERS } from '../../core/converter/more-calibration-texts.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { DTYPES } from '../../core/model-folder/dtypes.js'
import type { AdapterName } from '../../core/types.js'
import { createGraphRuntime } from '../../engine/graph-runtime.js'
import { oneOf, wholeNumber } from '../option-values.js'
import { runtimeFolder } from '../paths.js'
import { ProgressLine } from '../progress-line.js'
import { parseCalibrationTexts } from './calibration-file.js'
import { StagedFolder } from './local-folder.js'
import { openArgument } from './published-argument.js'

export const convertUsage = `specter2-web convert <base> --out <folder> [options]

Converts a published BERT checkpoint (config.json, model.safetensors or pytorch_model.bin, tokenizer files) into a
model folder for the browser. <base> and the FOLDERs of adapters are folders here, or else owner/name or
owner/name@revision on the hub (HF_ENDPOINT, HF_TOKEN).

  --adapter NAME=FOLDER   an adapter of the adapters library; may be given several times. SPECTER2's names:
                          proximity, adhoc_query, classification, regression
  --dtype LIST            of ${DTYPES.join(', ')}; default fp32,q8
  --calibrate FILE|none   texts that quantization is fitted to, JSON Lines of {title, abstract}, {text} or {query};
                          default some 80 of our own. none: rounded to the nearest, in seconds
  --error-feedback yes|no let later weights make good what earlier ones lose: closer to fp32, but it takes minutes;
                          default yes
  --pooling cls|mean      default: by the checkpoint's own files
  --normalize yes|no      default: by modules.json
  --max-tokens N          default: by the checkpoint's own files
  --metric euclidean|cosine
  --paper-template TEXT   with {title} and {abstract}
  --query-template TEXT   with {query}
  --id NAME --license SPDX   written to the manifest
  --revision ID           of a folder here: written to the manifest; of a base on the hub: what is downloaded, by default main
  --token TOKEN           for the hub; default HF_TOKEN
  --license-file FILE     goes beside the weights as LICENSE; default the checkpoint's own
  --attribution TEXT      what NOTICE.md must say besides`

/** @returns the folder that was written, as `--out` names it. */
export async function convertCommand(args: readonly string[], signal: AbortSignal): Promise<string> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
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
    },
  })
  const [base, ...rest] = positionals
  if (!base || rest.length > 0) throw new InvalidArgumentError('<base>', positionals.join(' '), 'one folder')
  if (!values.out) throw new InvalidArgumentError('--out', values.out, 'the folder to write')

  const adapterArguments = new Map<AdapterName, string>()
  for (const adapter of values.adapter) {
    const [, name, folder] = /^([a-z0-9][\w.-]*)=(.+)$/i.exec(adapter) ?? []
    if (!name || !folder || name === 'base')
      throw new InvalidArgumentError(
        '--adapter',
        adapter,
        'NAME=FOLDER, with a name of letters, digits, ".", "-" and "_" other than base',
      )
    if (adapterArguments.has(name)) throw new InvalidArgumentError('--adapter', adapter, 'a name that was not given before')
    adapterArguments.set(name, folder)
  }
  const flags: Omit<ConvertInput, 'base' | 'adapters' | 'sink'> = {
    dtypes: values.dtype.split(',').map((dtype) => oneOf('--dtype', dtype, DTYPES)),
    pooling: oneOf('--pooling', values.pooling, ['cls', 'mean'] as const),
    normalized: values.normalize === undefined ? undefined : oneOf('--normalize', values.normalize, YES_NO) === 'yes',
    maxTokens: values['max-tokens'] === undefined ? undefined : wholeNumber('--max-tokens', values['max-tokens'], 3),
    metric: oneOf('--metric', values.metric, ['euclidean', 'cosine'] as const),
    paperTemplate: values['paper-template'],
    queryTemplate: values['query-template'],
    id: values.id,
    revision: values.revision,
    license: values.license,
    attribution: values.attribution,
    licenseText: values['license-file'] === undefined ? undefined : await textFile('--license-file', values['license-file']),
    calibration: await calibration(values.calibrate, oneOf('--error-feedback', values['error-feedback'], YES_NO) === 'yes'),
    runtime: createGraphRuntime({ runtime: runtimeFolder, threads: availableParallelism() }),
    signal,
  }
  const line = new ProgressLine()
  const { token, revision } = values
  const opened = await openArgument(base, 'base', { revision, token, signal, line })
  const adapters = new Map<AdapterName, PublishedFolder>()
  for (const [name, folder] of adapterArguments)
    adapters.set(name, (await openArgument(folder, 'adapter', { token, signal, line })).folder)
  const sink = await StagedFolder.create(values.out)
  try {
    const manifest = await convertModel({
      ...withDefaults(flags, opened.options),
      revision: opened.options.revision ?? revision,
      base: opened.folder,
      adapters,
      sink,
      onProgress: ({ step, bytes, texts }) =>
        line.show(
          step,
          `${(bytes / 1e6).toFixed(1)} MB written, ${step}${texts ? ` by text ${texts.done} of ${texts.total}` : ''}`,
        ),
    })
    await sink.commit()
    line.end(
      `${values.out}: ${manifest.id} as ${Object.keys(manifest.dtypes).join(', ')} with adapters ${['base', ...Object.keys(manifest.adapters)].join(', ')}`,
    )
    return values.out
  } catch (error) {
    line.end()
    await sink.discard()
    throw error
  }
}

/** What the flags leave open, as the base's card says it. */
function withDefaults<T extends ModelOptions>(flags: T, options: ModelOptions): T {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined)
  return { ...flags, ...options, ...Object.fromEntries(given) }
}

const YES_NO = ['yes', 'no'] as const

/** What quantization is fitted to: a file of texts, or our own. */
async function calibration(file: string | undefined, errorFeedback: boolean): Promise<Calibration | null> {
  if (file === 'none') return null
  if (file !== undefined) return { texts: parseCalibrationTexts(file, await textFile('--calibrate', file)), errorFeedback }
  const papers = [...CALIBRATION_PAPERS, ...(errorFeedback ? MORE_CALIBRATION_PAPERS : [])]
  return { texts: { papers, queries: CALIBRATION_QUERIES }, errorFeedback }
}

async function textFile(field: string, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new InvalidArgumentError(field, path, 'a file that can be read')
  return text
}
