import type { ModelOptions } from '../../core/converter/model-config.js'
import { Specter2Error } from '../../core/errors.js'
import type { AdapterName } from '../../core/types.js'
import { type HubFolder, type HubFolderOptions, openHubFolder } from './hub-folder.js'
import { cardOptions, type HubRole, namesOf, PUBLISHED_MODELS, type PublishedModelName } from './published-models.js'

/**
 * {@link openHubFolder}, under another name of the same repository where the given one is not there or is not what it is to be
 * used as: old and new names both work, on hubs of either state.
 */
export async function openPublishedFolder({ repo, ...options }: HubFolderOptions, role: HubRole): Promise<HubFolder> {
  /** What became of the given name itself. */
  let asked: (() => HubFolder) | undefined
  for (const name of namesOf(repo, role)) {
    try {
      const folder = await openHubFolder({ repo: name, ...options })
      if (fits(folder, role)) return folder
      // Whoever reads it says what it lacks.
      asked ??= () => folder
    } catch (error) {
      if (!(error instanceof Specter2Error) || error.code !== 'MODEL_NOT_FOUND') throw error
      asked ??= () => {
        throw error
      }
    }
  }
  return asked!()
}

function fits({ has }: HubFolder, role: HubRole): boolean {
  if (role === 'adapter') return has('adapter_config.json')
  return has('config.json') && (has('model.safetensors') || has('pytorch_model.bin'))
}

/** Options of a conversion that a repository brings along: name, commit, licence, and what its card says of its use. */
export function hubModelOptions({ repo, commit, license }: HubFolder): ModelOptions {
  return { ...cardOptions(repo), id: repo, revision: commit, license: license === null ? undefined : spdx(license) }
}

/** The hub writes licences in lower case. */
function spdx(license: string): string {
  if (license === 'mit') return 'MIT'
  return /^(apache|cc|bsd|gpl|lgpl|agpl|mpl|epl|eupl|osl|afl|ecl)-/.test(license)
    ? license.toUpperCase().replace('APACHE', 'Apache').replace('-CLAUSE', '-Clause')
    : license
}

/** A published model, opened: what a conversion takes. */
export interface OpenedModel {
  base: HubFolder
  adapters: ReadonlyMap<AdapterName, HubFolder>
  /** What its table and its card say of it. */
  options: ModelOptions & { attribution: string }
}

/**
 * Opens the repositories of one of {@link PUBLISHED_MODELS}; none of their weights is downloaded yet.
 *
 * @param options `revision` is that of the base; the adapters' is `main`.
 */
export async function openPublishedModel(
  name: PublishedModelName,
  { revision, ...options }: Omit<HubFolderOptions, 'repo'>,
): Promise<OpenedModel> {
  const { id, base: repo, adapters, license, attribution } = PUBLISHED_MODELS[name]
  const base = await openPublishedFolder({ ...options, repo, revision }, 'base')
  const opened = new Map<AdapterName, HubFolder>()
  for (const [adapter, repo] of Object.entries(adapters))
    opened.set(adapter, await openPublishedFolder({ ...options, repo }, 'adapter'))
  return { base, adapters: opened, options: { ...hubModelOptions(base), ...cardOptions(repo), id, license, attribution } }
}
