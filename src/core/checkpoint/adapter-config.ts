import { Specter2Error, show } from '../errors.js'
import { unsupportedFile } from './file-errors.js'

/** Size of the model that an adapter is for. */
export interface AdapterBase {
  readonly hiddenSize: number
  readonly layers: number
}

/** The fields of an `adapter_config.json` besides its arithmetic, which {@link readAdapterConfig} has checked. */
export interface AdapterConfig {
  readonly name: string | null
  /** Factor of the adapter's output. */
  readonly scaling: number
  /** Layers without an adapter. */
  readonly leaveOut: ReadonlySet<number>
  /** Bottleneck of a layer, if the file says it. */
  readonly bottleneck: (layer: number) => number | undefined
}

const FILE = 'adapter_config.json'

/**
 * The arithmetic of this project's graph: the library's `SeqBnConfig` (adapters/configuration/adapter_config.py,
 * adapters/methods/modeling.py).
 */
const BUILT: Readonly<Record<string, unknown>> = {
  mh_adapter: false,
  output_adapter: true,
  ln_before: false,
  ln_after: false,
  is_parallel: false,
  original_ln_before: true,
  original_ln_after: true,
  residual_before_ln: true,
  adapter_residual_before_ln: false,
  inv_adapter: null,
  cross_adapter: false,
  phm_layer: false,
  use_gating: false,
  non_linearity: 'relu',
}

/** Defaults of the library's `BnConfig` that differ from the graph's arithmetic. */
const MISSING: Readonly<Record<string, unknown>> = { original_ln_before: false }

/** The library's names of `SeqBnConfig`. */
const BUILT_NAMES: readonly unknown[] = ['pfeiffer', 'seq_bn']

/**
 * Checks a parsed `adapter_config.json` field by field; `undefined` stands for a missing one, with the fields of `SeqBnConfig`.
 * @throws Specter2Error `UNSUPPORTED` (`details.field`) if it asks for another arithmetic than the graph's.
 */
export function readAdapterConfig(config: unknown, base: AdapterBase): AdapterConfig {
  const file = config === undefined ? { config: BUILT_NAMES[0] } : config
  if (!isObject(file)) throw new Specter2Error('INVALID_MODEL', `${FILE} must hold an object, but is ${show(config)}.`)
  const { name, hidden_size: hiddenSize = base.hiddenSize } = file
  if (hiddenSize !== base.hiddenSize) throw unsupported('hidden_size', hiddenSize, `${base.hiddenSize}, as this base model has`)
  const fields = arithmetic(file)

  if ((fields.architecture ?? null) !== null) throw unsupported('architecture', fields.architecture, 'a bottleneck adapter')
  for (const [field, built] of Object.entries(BUILT)) {
    const said = fields[field]
    const value = said === undefined ? (MISSING[field] ?? built) : said
    // The library accepts names of non-linearities in upper or lower case.
    if ((field === 'non_linearity' ? String(value).toLowerCase() : value) === built) continue
    throw said === undefined ? unsupportedDefault(field, value, show(built)) : unsupported(field, value, show(built))
  }
  // The first version of the library called `inv_adapter` so.
  if (fields.invertible_adapter) throw unsupported('invertible_adapter', fields.invertible_adapter, 'null')

  const { scaling = 1, leave_out: leaveOut = [], reduction_factor: factor } = fields
  if (typeof scaling !== 'number' || !Number.isFinite(scaling)) throw unsupported('scaling', scaling, 'a number')
  if (!Array.isArray(leaveOut) || !leaveOut.every(Number.isInteger)) throw unsupported('leave_out', leaveOut, 'a list of layers')
  return {
    name: typeof name === 'string' ? name : null,
    scaling,
    leaveOut: new Set(leaveOut),
    bottleneck(layer) {
      const { [layer]: ofLayer, default: ofOthers } = isObject(factor) ? factor : { default: factor }
      const divisor = ofLayer ?? ofOthers
      if (divisor === undefined) return undefined
      if (typeof divisor !== 'number' || !(divisor > 0)) throw unsupported('reduction_factor', divisor, 'a number above 0')
      return Math.max(1, Math.floor(base.hiddenSize / divisor))
    },
  }
}

/** The fields of the configuration itself, which a file nests, holds directly or names. */
function arithmetic(file: Record<string, unknown>): Record<string, unknown> {
  const { config = file } = file
  if (BUILT_NAMES.includes(config)) return BUILT
  if (!isObject(config)) throw unsupported('config', config, `an object, ${BUILT_NAMES.map(show).join(' or ')}`)
  return config
}

function unsupported(field: string, value: unknown, supported: string): Specter2Error {
  return refusal(field, value, `says ${field} is ${show(value)}`, supported)
}

function unsupportedDefault(field: string, value: unknown, supported: string): Specter2Error {
  return refusal(field, value, `leaves out ${field}, which then is ${show(value)}`, supported)
}

function refusal(field: string, value: unknown, found: string, supported: string): Specter2Error {
  const details = { field, actual: show(value), expected: supported }
  return unsupportedFile(FILE, `${found}, but this model's graph supports ${supported}`, 'Use an adapter of that kind.', details)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
