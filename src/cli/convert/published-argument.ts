import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import type { ModelOptions } from '../../core/converter/model-options.js'
import { InvalidArgumentError, Specter2Error } from '../../core/errors.js'
import type { HubProgress } from '../../model/hub/hub-folder.js'
import { hubModelOptions, openPublishedFolder } from '../../model/hub/open-published.js'
import type { HubRole } from '../../model/hub/published-models.js'
import type { Output } from '../output.js'
import { HubCache } from './hub-cache.js'
import { localFolder } from './local-folder.js'

/** A checkpoint or adapter that an argument names. */
export interface PublishedArgument {
  folder: PublishedFolder
  /** What the hub says about it. */
  options: ModelOptions
}

/** How repositories are read. */
export interface HubArguments {
  /** Of a repository whose argument names none. */
  revision?: string | undefined
  /** Default: HF_TOKEN. */
  token?: string | undefined
  signal: AbortSignal
  output: Output
}

/** owner/name, or owner/name@revision. */
const HUB_ARGUMENT = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\S+))?$/

/**
 * Opens the local folder of this path, or else the repository of this name on the hub: HF_ENDPOINT, by default huggingface.co.
 * Files of the hub are downloaded when they are read.
 */
export async function openArgument(
  argument: string,
  role: HubRole,
  { revision, token, signal, output }: HubArguments,
): Promise<PublishedArgument> {
  const [, repo, ownRevision] = HUB_ARGUMENT.exec(argument) ?? []
  if (repo === undefined || (await stat(argument).catch(() => null))?.isDirectory())
    return { folder: await localFolder(argument), options: {} }
  if (revision !== undefined && ownRevision !== undefined)
    throw new InvalidArgumentError('--revision', revision, `left out, since ${argument} names one`)
  const folder = await openPublishedFolder(
    {
      repo,
      revision: ownRevision ?? revision,
      endpoint: process.env.HF_ENDPOINT || undefined,
      token: token ?? (process.env.HF_TOKEN || undefined),
      store: new HubCache(),
      createHash,
      signal,
      onProgress: downloadProgress(output),
    },
    role,
  ).catch((error: unknown) => {
    if (!(error instanceof Specter2Error)) throw error
    const { code, message, retryable, details } = error
    const explanation = `${argument} is not a local folder, so it was looked up on the hub.`
    throw new Specter2Error(code, `${message} (${explanation})`, { retryable, details, cause: error })
  })
  return { folder, options: hubModelOptions(folder) }
}

/** Shows file, bytes and speed. */
function downloadProgress(output: Output): (progress: HubProgress) => void {
  let begun = { file: '', at: 0, loaded: 0 }
  return ({ file, loaded, total }) => {
    if (file !== begun.file) begun = { file, at: performance.now(), loaded }
    const seconds = (performance.now() - begun.at) / 1000
    const speed = seconds > 0 ? (loaded - begun.loaded) / 1e6 / seconds : 0
    output.showProgress(file, `${file}: ${megabytes(loaded)} of ${megabytes(total)} MB, ${speed.toFixed(1)} MB/s`)
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
