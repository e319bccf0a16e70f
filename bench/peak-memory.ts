import { readFileSync } from 'node:fs'
import type { Browser } from '@playwright/test'

const INTERVAL_MS = 100

/** Memory of a browser's page processes, from /proc on Linux; 0 on other systems. */
export class RendererMemory {
  readonly #pids: readonly number[]
  readonly #timer: ReturnType<typeof setInterval>
  #peak = 0

  private constructor(pids: readonly number[]) {
    this.#pids = pids
    this.#timer = setInterval(() => {
      this.#peak = Math.max(this.#peak, this.now())
    }, INTERVAL_MS)
  }

  static async of(browser: Browser): Promise<RendererMemory> {
    const session = await browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    await session.detach()
    return new RendererMemory(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id))
  }

  /** Resident bytes of all page processes. */
  now(): number {
    return this.#pids.reduce((sum, pid) => sum + residentBytes(pid), 0)
  }

  /** The peak of the resident bytes since the last call. */
  takePeak(): number {
    const peak = Math.max(this.#peak, this.now())
    this.#peak = 0
    return peak
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
