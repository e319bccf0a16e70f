import { Specter2Error } from '../../core/errors.js'

/** LanceDB and Arrow, which only this command needs: who runs it installs them. */
export interface Lance {
  lancedb: typeof import('@lancedb/lancedb')
  arrow: typeof import('apache-arrow')
}

/** @throws Specter2Error `UNSUPPORTED` if they are not installed. */
export async function loadLance(): Promise<Lance> {
  try {
    const [lancedb, arrow] = await Promise.all([import('@lancedb/lancedb'), import('apache-arrow')])
    return { lancedb, arrow }
  } catch (cause) {
    const message = `This command needs LanceDB: npm install @lancedb/lancedb apache-arrow (${(cause as Error).message})`
    throw new Specter2Error('UNSUPPORTED', message, { cause })
  }
}
