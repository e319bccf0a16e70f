import type { Helpers, TeamCall } from '../../engine/encoder/encoder-team.js'
import { type HelperSetup, WasmEncoder } from '../../engine/encoder/wasm-encoder.js'

const NAME = 'specter2-web encoder'

/** Whether another worker started this one to help with single texts. */
export const isEncoderHelper = () => self.name === NAME

export function runEncoderHelper(): void {
  let encoder: WasmEncoder | undefined
  self.onmessage = ({ data }: MessageEvent<{ setup: HelperSetup } | { call: TeamCall }>) => {
    if ('setup' in data) encoder = new WasmEncoder(data.setup, data.setup.texts)
    else encoder?.help(data.call)
  }
}

/** Starts workers from this worker's script, so bundlers need no entry. */
export function startEncoderHelpers(setup: HelperSetup, count: number): Helpers {
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(self.location.href, { type: 'module', name: NAME })
    // Texts run without it.
    worker.onerror = (event) => event.preventDefault()
    worker.postMessage({ setup })
    return worker
  })
  return {
    count,
    call(call) {
      for (const worker of workers) worker.postMessage({ call })
    },
  }
}
