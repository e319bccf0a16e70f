import type { Page } from '@playwright/test'

declare global {
  interface Window {
    /** Milliseconds from an input to the frame that shows its effect. */
    painted: Promise<number>
  }
}

/**
 * Milliseconds from the input that `act` causes (a key, a pointer, a change of a field; by the event's own timestamp) to the end
 * of the frame that paints the first change of the element that `selector` finds.
 */
export async function painted(page: Page, selector: string, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate((selector) => {
    let startedAt: number | undefined
    const start = ({ timeStamp }: Event) => {
      startedAt ??= timeStamp
    }
    for (const type of ['keydown', 'pointerdown', 'input']) addEventListener(type, start, { capture: true, once: true })
    window.painted = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (startedAt === undefined) return
        observer.disconnect()
        requestAnimationFrame(() => {
          // The message arrives after the frame.
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => resolve(performance.now() - startedAt!)
          port2.postMessage(null)
        })
      })
      const options = { attributes: true, characterData: true, childList: true, subtree: true }
      observer.observe(document.querySelector(selector)!, options)
    })
  }, selector)
  await act()
  return page.evaluate(() => window.painted)
}
