import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { createServer } from 'vite'
import { workFolder } from './global-setup.js'
import { startSite } from './site.js'

/** Runs a module in the app that has installed the package, which has no other dependencies. */
const run = (module: string) =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', module], {
      cwd: join(workFolder, 'stranger'),
      encoding: 'utf8',
    }),
  )

test('neither the workers of the package nor those of an app built with it contain the runtime', () => {
  const found = ['node_modules/specter2-web/dist/workers', 'dist/assets'].flatMap((name) => {
    const folder = join(workFolder, 'stranger', name)
    const scripts = readdirSync(folder).filter((file) => /^(embed|library|papers|heads)[-.].*js$/.test(file))
    return scripts.map((file) => ({
      file,
      runtime: readFileSync(join(folder, file), 'utf8').match(/onnxruntime-web|ort\.webgpu/g),
    }))
  })
  expect(found.length).toBe(8)
  expect(found.filter(({ runtime }) => runtime !== null)).toEqual([])
})

test('the installed package compares every pair of vectors', () => {
  const { k, indices } = run(`
    import { neighbourGraph } from 'specter2-web/neighbours'
    const { k, indices } = neighbourGraph(Float32Array.of(0, 1, 0.1, 1, 1, 0, 1, 0.1), { dimension: 2, k: 1 })
    console.log(JSON.stringify({ k, indices: [...indices] }))
  `)
  expect({ k, indices }).toEqual({ k: 1, indices: [1, 0, 3, 2] })
})

test('the installed package reads papers and finds, reviews and merges duplicates outside a page', () => {
  const { groups, kept, removed } = run(`
    import { readPapers } from 'specter2-web/papers'
    import { decisionsOf, emptyReview, findDuplicates, mergeLibrary, prismaCounts } from 'specter2-web/duplicates'
    const record = (key, doi) => '@article{' + key + ', title={The shape of ferns in wind}, author={Okoro, Ada and Lind, Per}, ' +
      'journal={Annals of Ferns}, year={1998}, volume={3}, pages={10--19}' + doi + '}\\n'
    const { papers } = await readPapers([new File([record('a', ''), record('b', ', doi={10.5555/ferns}')], 'ferns.bib')])
    const { groups } = await findDuplicates(papers, { decisions: decisionsOf(emptyReview) })
    const merged = mergeLibrary(papers, groups)
    const removed = prismaCounts(papers, { groups }, merged, emptyReview).duplicates
    console.log(JSON.stringify({ groups: groups.length, kept: merged.papers.map(({ key, doi }) => ({ key, doi })), removed }))
  `)
  expect({ groups, kept, removed }).toEqual({ groups: 1, kept: [{ key: 'b', doi: '10.5555/ferns' }], removed: 1 })
})

const stranger = join(workFolder, 'stranger')
const papers = [{ title: 'A structure for deoxyribose nucleic acid', abstract: 'A double helix.' }, { title: 'Tides' }]

/** Files of a folder by path, with their bytes. */
const filesOf = (folder: string): Map<string, number> =>
  new Map(
    (readdirSync(folder, { recursive: true }) as string[])
      .map((path) => ({ path: path.replaceAll('\\', '/'), found: statSync(join(folder, path)) }))
      .filter(({ found }) => found.isFile())
      .map(({ path, found }) => [path, found.size]),
  )

test('`assets` copies what is asked for, no file above 25 MiB, and deletes what an earlier run copied', () => {
  const folder = join(workFolder, 'assets')
  const assets = (...args: string[]) => {
    execFileSync(join(stranger, 'node_modules/.bin/specter2-web'), ['assets', folder, ...args], { cwd: stranger })
    return [...filesOf(folder).keys()]
  }
  const all = assets()
  expect(Math.max(...filesOf(folder).values())).toBeLessThan(25 * 2 ** 20)
  expect(all.filter((path) => path.startsWith('ort/'))).toHaveLength(9)
  writeFileSync(join(folder, 'own.txt'), '')
  const some = assets('--only', 'webgpu', '--dtype', 'q4')
  expect(some.filter((path) => !all.includes(path))).toEqual(['own.txt'])
  expect(some).not.toContain('ort/ort-wasm-simd-threaded.wasm')
  expect(some.filter((path) => path.includes('quantized'))).toEqual([])
  const { dtypes } = JSON.parse(readFileSync(join(folder, 'models/minilm/manifest.json'), 'utf8'))
  expect(Object.keys(dtypes)).toEqual(['q4'])
  expect(assets('--no-model').filter((path) => path.startsWith('models/'))).toEqual([])
  const { version, files } = JSON.parse(readFileSync(join(folder, 'assets.json'), 'utf8'))
  expect(version).toBe(JSON.parse(readFileSync(join(stranger, 'node_modules/specter2-web/package.json'), 'utf8')).version)
  expect(files['workers/embed.js'].bytes).toBe(filesOf(folder).get('workers/embed.js'))
})

test("Node embeds with the page's vectors, bit for bit on every CPU, and says what it lacks", async ({ page }) => {
  const site = await startSite()
  await page.goto(site.url)
  await page.waitForFunction(() => window.specter2)
  const inPage = await page.evaluate(async (papers) => {
    const embedder = await window.specter2.createEmbedder({ engine: 'portable' })
    return [...(await embedder.embed(papers)).vectors]
  }, papers)
  site.close()
  const { vectors, errors } = run(`
    import { createEmbedder, PaperIndex, readPapersInWorker } from 'specter2-web'
    const embedder = await createEmbedder({ engine: 'portable' })
    const { vectors } = await embedder.embed(${JSON.stringify(papers)})
    await embedder.dispose()
    const failing = [
      createEmbedder({ device: 'webgpu' }),
      createEmbedder({ model: 'allenai/specter2' }),
      createEmbedder({ model: './nowhere' }),
      PaperIndex.open('library'),
      readPapersInWorker([]),
    ]
    const errors = await Promise.all(failing.map((promise) => promise.then(() => null, ({ code }) => code)))
    console.log(JSON.stringify({ vectors: [...vectors], errors }))
  `)
  expect(vectors).toEqual(inPage)
  expect(errors).toEqual(['UNSUPPORTED', 'UNSUPPORTED', 'MODEL_NOT_FOUND', 'WORKER_FAILED', 'WORKER_FAILED'])
})

test('the Vite plugin serves in development what `assets` copies', async () => {
  const { specter2Web } = await import(join(stranger, 'node_modules/specter2-web/dist/node/vite.js'))
  const server = await createServer({
    root: stranger,
    configFile: false,
    base: '/app/',
    logLevel: 'silent',
    publicDir: false,
    plugins: [specter2Web({ only: 'wasm' })],
  })
  await server.listen()
  const status = async (path: string) => {
    const response = await fetch(new URL(`/app/specter2-web/${path}`, server.resolvedUrls!.local[0]))
    return [response.status, response.headers.get('content-type'), (await response.arrayBuffer()).byteLength]
  }
  const manifest = filesOf(join(stranger, 'public/specter2-web')).get('models/minilm/manifest.json')
  expect(await status('models/minilm/manifest.json')).toEqual([200, 'application/json', manifest])
  expect((await status('ort/ort-wasm-simd-threaded.wasm')).slice(0, 2)).toEqual([200, 'application/wasm'])
  expect((await status('ort/ort-wasm-simd-threaded.jspi.mjs'))[1]).not.toBe('text/javascript')
  await server.close()
})
