/**
 * Moves the WASM of the map's layout out of its script, where it is a `data:` URL that a strict content security policy forbids, into
 * a file of the page, a quarter smaller.
 *
 * @returns {import('vite').Plugin}
 */
export function layoutWasm() {
  const inline = /new URL\("data:application\/wasm;base64,([^"]+)", import\.meta\.url\)/
  return {
    name: 'layout-wasm',
    apply: 'build',
    transform(code, id) {
      if (!id.includes('/embedding-atlas/dist/')) return null
      const base64 = code.match(inline)?.[1]
      if (!base64) return null
      const file = this.emitFile({ type: 'asset', name: 'umap.wasm', source: Buffer.from(base64, 'base64') })
      return { code: code.replace(inline, `new URL(import.meta.ROLLUP_FILE_URL_${file})`), map: null }
    },
  }
}
