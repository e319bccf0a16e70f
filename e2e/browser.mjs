import { chromium } from '@playwright/test'
import { findChromium as find } from '../src/cli/verify/find-chromium.mjs'

export { chromiumArguments } from '../src/cli/verify/find-chromium.mjs'

/**
 * Finds the browser that CHROMIUM names, else Playwright's own if it is installed, else the system's.
 *
 * @throws Error that says how to get one.
 */
export function findChromium() {
  const found = find(chromium.executablePath())
  if (!found) throw new Error('No Chromium found. Run `npx playwright install chromium`, or set CHROMIUM to the path of one.')
  return found
}

/** Enables WebGPU on machines without a GPU, emulated by SwiftShader. */
export const softwareWebGpuArguments = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader']
