import { BASE_WEIGHTS } from '../../core/checkpoint/base-weights.js'
import type { ModelOptions } from '../../core/converter/model-options.js'
import { Specter2Error } from '../../core/errors.js'
import type { AdapterName } from '../../core/types.js'
import { type HubFolder, type HubFolderOptions, openHubFolder } from './hub-folder.js'
import { cardOptions, type HubRole, namesOf, PUBLISHED_MODELS, type PublishedModelName } from './published-models.js'

/**
 * {@link openHubFolder}, with another name of the same repository if the given one does not exist or does not fit `role`: so old
 * and new names both work, on hubs with either of them.
 */
export async function openPublishedFolder({ repo, ...options }: HubFolderOptions, role: HubRole): Promise<HubFolder> {
  /** The result for the given name itself. */
  let asked: (() => HubFolder) | undefined
  for (const name of namesOf(repo, role)) {
    try {
      const folder = await openHubFolder({ repo: name, ...options })
      if (fits(folder, role)) return folder
      // Whoever reads it reports what it lacks.
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
  return has('config.json') && BASE_WEIGHTS.some(has)
}

/** Options of a conversion that follow from a repository: name, commit, licence, and the usage in its card. */
export function hubModelOptions({ repo, commit, license }: HubFolder): ModelOptions {
  return { ...cardOptions(repo), id: repo, revision: commit, license: license === null ? undefined : spdx(license) }
}

/** The SPDX identifier of a licence, which the hub writes in lower case. */
function spdx(license: string): string {
  if (license === 'mit') return 'MIT'
  return /^(apache|cc|bsd|gpl|lgpl|agpl|mpl|epl|eupl|osl|afl|ecl)-/.test(license)
    ? license.toUpperCase().replace('APACHE', 'Apache').replace('-CLAUSE', '-Clause')
    : license
}

/** The opened repositories of a published model, as input for a conversion. */
export interface OpenedModel {
  base: HubFolder
  adapters: ReadonlyMap<AdapterName, HubFolder>
  /** Options from {@link PUBLISHED_MODELS} and from the model's card. */
  options: ModelOptions & { attribution: string }
}

/**
 * Opens the repositories of one of {@link PUBLISHED_MODELS}; downloads none of their weights.
 *
 * @param options `revision` is that of the base; adapters are opened at `main`.
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
