import type { LibraryWorker } from '../../workers/library/library-protocol.js'
import { WorkerClient, type WorkerKind, type WorkerSource } from '../../workers/rpc/worker-client.js'

const LIBRARY: WorkerKind = {
  name: 'library',
  // Written so that bundlers see it.
  start: () => new Worker(new URL('../../workers/library.js', import.meta.url), { type: 'module', name: 'specter2-web library' }),
  // What it holds is in the storage, or nowhere else: no error of one call is a reason to end it.
  fatal: [],
}

/** Starts a library worker, in which an index lives. */
export function startLibrary(source: WorkerSource | undefined): WorkerClient<LibraryWorker> {
  return new WorkerClient<LibraryWorker>(source, LIBRARY)
}
