import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { within } from '../../core/async/waiting.js'
import { Specter2Error } from '../../core/errors.js'
import type { AdapterName, Dtype } from '../../core/types.js'
import type * as PublicApi from '../../index.js'
import { companionFolder, packageFolder } from '../../node/paths.js'
import type { Texts } from '../texts-file.js'
import { type BrowserName, type DrivenBrowser, type DrivenPage, findBrowser } from './browser-driver.js'
import type { VerifyEmbedder } from './node-embedder.js'
import { startServer } from './static-server.js'

declare global {
  interface Window {
    /** The package; the served page sets it. */
    specter2: typeof PublicApi
    embedder: PublicApi.Embedder
  }
}

/** Packages that the page side imports. */
const PAGE_PACKAGES = ['comlink', 'idb-keyval']

/** For a GPU that Chromium supports; on Linux through Vulkan. */
const GPU_ARGUMENTS = ['--enable-unsafe-webgpu', '--enable-features=Vulkan']
/** For machines without one: a GPU emulated on the CPU. */
const SOFTWARE_ARGUMENTS = [...GPU_ARGUMENTS, '--use-webgpu-adapter=swiftshader']

/** A browser with a page that uses the published package through its public API, and is served the model's folder. */
export class VerifyBrowser {
  readonly name: BrowserName
  readonly #url: string
  readonly #browser: DrivenBrowser
  readonly #closeServer: () => void
  /** Features of the GPU; `null` if there is none. */
  readonly #gpu: readonly string[] | null

  private constructor(
    name: BrowserName,
    url: string,
    browser: DrivenBrowser,
    closeServer: () => void,
    gpu: readonly string[] | null,
  ) {
    this.name = name
    this.#url = url
    this.#browser = browser
    this.#closeServer = closeServer
    this.#gpu = gpu
  }

  /**
   * Chromium is tried with the machine's GPU, then with an emulated one; Firefox with what the system has.
   *
   * @param model Path of the model's folder.
   * @throws Specter2Error `UNSUPPORTED` if driver or browser is missing, or the package is not built.
   */
  static async start(name: BrowserName, model: string): Promise<VerifyBrowser> {
    if (!existsSync(join(packageFolder(), 'index.js')))
      throw new Specter2Error('UNSUPPORTED', `${packageFolder()} has no built package. Run npm run build first.`)
    const launch = await findBrowser(name, [process.cwd(), packageFolder()])
    const { url, close } = await servePackage(model)
    try {
      const attempts = name === 'chromium' ? [GPU_ARGUMENTS, SOFTWARE_ARGUMENTS] : [[]]
      for (const args of attempts) {
        const browser = await launch(args)
        const gpu = await gpuFeatures(browser, url)
        if (gpu || args === attempts.at(-1)) return new VerifyBrowser(name, url, browser, close, gpu)
        await browser.close()
      }
      throw new Error('unreachable')
    } catch (error) {
      close()
      throw error
    }
  }

  /** Why a dtype cannot run on WebGPU here; `null` if it can. */
  missingForWebGpu(dtype: Dtype): string | null {
    if (!this.#gpu) return 'this browser has no WebGPU'
    const needsF16 = dtype === 'fp16' || dtype === 'q4f16'
    return needsF16 && !this.#gpu.includes('shader-f16') ? 'this GPU has no shader-f16' : null
  }

  /** Loads a dtype in a new page. */
  async embedder(wanted: WantedEmbedder): Promise<VerifyEmbedder> {
    const page = await openPage(this.#browser, this.#url)
    try {
      return await PageEmbedder.load(page, wanted)
    } catch (error) {
      await page.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#closeServer()
  }
}

/** What runs in a page, and on what. */
type WantedEmbedder = Required<Pick<PublicApi.EmbedderOptions, 'dtype' | 'device' | 'threads' | 'engine'>> &
  Pick<PublicApi.EmbedderOptions, 'tier'>

class PageEmbedder implements VerifyEmbedder {
  readonly #page: DrivenPage

  private constructor(page: DrivenPage) {
    this.#page = page
  }

  static async load(page: DrivenPage, wanted: WantedEmbedder): Promise<PageEmbedder> {
    const runs = await page.evaluate(async (options) => {
      window.embedder = await window.specter2.createEmbedder({ model: '/model/', assets: '/package/', ...options })
      const { info } = window.embedder
      return { dtype: info.dtype, device: info.device }
    }, wanted)
    // The library falls back to another device rather than give wrong vectors, which would go unnoticed here.
    if (runs.dtype !== wanted.dtype || runs.device !== wanted.device)
      throw new Error(`the library ran ${runs.dtype} on ${runs.device} instead`)
    return new PageEmbedder(page)
  }

  embed(texts: Texts, adapter: AdapterName, signal: AbortSignal): Promise<number[][]> {
    const vectors = this.#page.evaluate(
      async ({ papers, queries, adapter }) => {
        const { vectors, dimension } = await window.embedder.embed(papers, { adapter })
        const rows = papers.map((_, row) => [...vectors.subarray(row * dimension, (row + 1) * dimension)])
        for (const query of queries) rows.push([...(await window.embedder.embedQuery(query, { adapter }))])
        return rows
      },
      { papers: [...texts.papers], queries: [...texts.queries], adapter },
    )
    return within(vectors, { signal })
  }

  async dispose(): Promise<void> {
    await this.#page.close()
  }
}

async function openPage(browser: DrivenBrowser, url: string): Promise<DrivenPage> {
  const page = await browser.newPage()
  await page.goto(url)
  return page
}

/** Features of the browser's GPU; `null` if there is none. */
async function gpuFeatures(browser: DrivenBrowser, url: string): Promise<string[] | null> {
  const page = await openPage(browser, url)
  const features = await page.evaluate(async () => {
    const { gpu } = navigator as unknown as { gpu?: { requestAdapter(): Promise<{ features: Set<string> } | null> } }
    const adapter = await gpu?.requestAdapter()
    return adapter ? [...adapter.features] : null
  }, null)
  await page.close()
  return features
}

/** Serves the package as it is published, the dependencies of its page side, the model, and a page that imports the package. */
async function servePackage(model: string): Promise<{ url: string; close: () => void }> {
  const packages = PAGE_PACKAGES.map((name) => ({ name, ...moduleOf(name) }))
  const imports = Object.fromEntries(packages.map(({ name, entry }) => [name, posix.join('/packages', name, entry)]))
  const page = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">import * as specter2 from '/package/index.js'; window.specter2 = specter2</script>`
  return startServer({
    roots: {
      '/package': packageFolder(),
      '/package/ort': join(companionFolder('runtime'), 'ort'),
      '/model': model,
      ...Object.fromEntries(packages.map(({ name, folder }) => [`/packages/${name}`, folder])),
    },
    intercept(request, response) {
      if (request.url !== '/') return false
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
      return true
    },
  })
}

/** The folder of an installed package, and the path of its ES module in it. */
function moduleOf(name: string): { folder: string; entry: string } {
  const manifest = createRequire(join(packageFolder(), 'cli.js')).resolve(`${name}/package.json`)
  const { exports, module } = JSON.parse(readFileSync(manifest, 'utf8'))
  return { folder: dirname(manifest), entry: exports?.['.']?.import ?? module }
}
