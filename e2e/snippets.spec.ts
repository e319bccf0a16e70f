/** The code of the documentation runs: in a page without a bundler, and where it says so in Node. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import ts from 'typescript'
import { asModule, docstringExamples, pageSnippets, root, type Snippet } from '../build/docs/snippets.mjs'
import { startServer } from '../src/cli/verify/static-server.js'
import { workFolder } from './global-setup.js'
import { expect, models, test } from './site.js'

const folder = join(workFolder, 'snippets')
const RIS = `TY  - JOUR
TI  - A structure for deoxyribose nucleic acid
AU  - Watson, J. D.
AU  - Crick, F. H. C.
PY  - 1953
JO  - Nature
VL  - 171
SP  - 737
EP  - 738
ER  - 
`
/** What `build/docs/globals.d.ts` declares. */
const PRELUDE = `
import { createEmbedder, PaperIndex } from 'specter2-web'
import { addStep, emptyReview, findDuplicates } from 'specter2-web/duplicates'
import { readPapers } from 'specter2-web/papers'

const ris = ${JSON.stringify(RIS)}
const other = ris.replace('deoxyribose nucleic acid', 'the atomic nucleus').replaceAll(/Watson|Crick/g, 'Chadwick')
const third = other.replace('atomic nucleus', 'thymonucleate molecule').replaceAll('Chadwick', 'Franklin')
const { papers } = await readPapers([new File([ris, ris, other, third], 'library.ris')])
papers.forEach((paper, at) => Object.assign(paper, { id: String(at + 1), abstract: 'An abstract of paper ' + at }))
const embedder = await createEmbedder()
const index = await PaperIndex.open('prelude', { embedder })
await index.add(papers)
const { vectors, dimension } = await embedder.embed(papers)
const input = document.querySelector('input')
const duplicates = await findDuplicates(papers)
const review = addStep(emptyReview, { type: 'decide', pairs: [['1', '2']], verdict: 'same' })
const labels = papers.map((_, at) => (at % 2 ? 'keep' : 'leave'))
Object.assign(globalThis, { papers, embedder, index, vectors, dimension, labels, input, duplicates, review })
Object.assign(globalThis, { files: [new File([ris], 'library.ris')], signal: new AbortController().signal, show: () => {} })
`
const bare = (name: string, file: string) => [name, `/node_modules/${name}/${file}`] as const
const IMPORTS = Object.fromEntries([
  ['specter2-web', '/node_modules/specter2-web/dist/index.js'],
  ['specter2-web/papers', '/node_modules/specter2-web/dist/core/papers/index.js'],
  ['specter2-web/duplicates', '/node_modules/specter2-web/dist/core/duplicates/index.js'],
  ['specter2-web/neighbours', '/node_modules/specter2-web/dist/core/search/neighbour-graph.js'],
  ['specter2-web/screening', '/node_modules/specter2-web/dist/core/screening/index.js'],
  ['specter2-web/heads', '/node_modules/specter2-web/dist/core/heads/index.js'],
  bare('comlink', 'dist/esm/comlink.mjs'),
  bare('idb-keyval', 'dist/index.js'),
  bare('fflate', 'esm/browser.js'),
  bare('fastest-levenshtein', 'esm/mod.js'),
  bare('entities', 'dist/index.js'),
  ['entities/decode', '/node_modules/entities/dist/decode.js'],
])
const HTML = `<!doctype html><link rel="icon" href="data:," /><input type="file" />
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`

const javascript = (snippet: Snippet) =>
  ts.transpileModule(asModule(snippet), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText

const site = test.extend<{ app: { url: string; modules: Map<string, string> } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it which fixtures are asked for.
  app: async ({}, use) => {
    const modules = new Map([['/prelude.js', PRELUDE]])
    const { url, close } = await startServer({
      roots: {
        '/node_modules': join(root, 'node_modules'),
        '/node_modules/specter2-web': root,
        '/specter2-web': join(workFolder, 'stranger/public/specter2-web'),
        '/models/specter2': join(models, 'tiny'),
        '/adapters/my-adapter': join(root, 'testing/fixtures/specter2-tiny/adapters/classification'),
        '/examples': join(root, 'examples'),
      },
      intercept: ({ url = '' }, response) => {
        const html = url === '/' ? HTML : url === '/examples/04-import-map.html' ? importMapPage() : undefined
        const body = html ?? modules.get(url)
        if (body === undefined) return false
        response.writeHead(200, { 'content-type': html ? 'text/html' : 'text/javascript' }).end(body)
        return true
      },
    })
    await use({ url, modules })
    close()
  },
  page: async ({ browser }, use) => {
    const page = await browser.newPage()
    await use(page)
    await page.close()
  },
})

/** The example as it is, one folder up: its import map names the package beside the page. */
const importMapPage = () =>
  readFileSync(join(root, 'examples/04-import-map.html'), 'utf8')
    .replaceAll('"./node', '"/node')
    .replaceAll("'./specter2-web", "'/specter2-web")

async function runInPage(page: Page, app: { url: string; modules: Map<string, string> }, snippets: readonly Snippet[]) {
  await page.goto(app.url)
  await page.evaluate(() => import('/prelude.js' as string))
  for (const snippet of snippets) {
    const path = `/${snippet.file}-${snippet.line}.js`
    app.modules.set(path, javascript(snippet))
    const error = await page.evaluate(async (module) => {
      try {
        await import(module)
        return null
      } catch (error) {
        return String((error as Error).stack ?? error)
      }
    }, path)
    expect.soft(error, `${snippet.file}:${snippet.line}`).toBe(null)
  }
}

const runs = (snippet: Snippet) => ['ts', 'js'].includes(snippet.language) && !snippet.flags.includes('no-run')
const inNode = ({ flags }: Snippet) => flags.includes('node')
const place = ({ file }: Snippet) => (file.startsWith('src/') ? 'the docstrings' : file)
const inPage = [...pageSnippets(), ...docstringExamples()].filter((snippet) => runs(snippet) && !inNode(snippet))

for (const name of new Set(inPage.map(place)))
  site(`the code of ${name} runs in a page`, async ({ page, app }) => {
    await runInPage(
      page,
      app,
      inPage.filter((snippet) => place(snippet) === name),
    )
  })

async function runInNode(name: string, code: string, args: readonly string[] = []) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'library.ris'), RIS + RIS)
  writeFileSync(join(folder, `${name}.mjs`), code)
  return promisify(execFile)(process.execPath, [`${name}.mjs`, ...args], { cwd: folder })
}

const nodeSnippets = pageSnippets().filter((snippet) => runs(snippet) && inNode(snippet))
for (const snippet of nodeSnippets)
  test(`${snippet.file}:${snippet.line} runs in Node`, async () => {
    await runInNode(`${snippet.file.replaceAll(/\W/g, '-')}-${snippet.line}`, javascript(snippet))
  })

const example = (name: string): Snippet => ({
  file: `examples/${name}`,
  line: 1,
  language: 'ts',
  flags: [],
  code: readFileSync(join(root, 'examples', name), 'utf8'),
})

site('example 1 finds a paper of a file that the user opens', async ({ page, app }) => {
  app.modules.set('/example.js', javascript(example('01-search-box.ts')))
  await page.goto(app.url)
  await page.evaluate(() => import('/example.js' as string))
  await page.setInputFiles('#files', { name: 'library.ris', mimeType: 'text/plain', buffer: Buffer.from(RIS) })
  await expect(page.getByRole('status')).toHaveText('1 papers, 0 still to embed', { timeout: 60_000 })
  await page.getByRole('searchbox').fill('molecule of heredity')
  await expect(page.locator('#hits li')).toHaveText(['A structure for deoxyribose nucleic acid'])
})

site('example 4 answers a query without a bundler', async ({ page, app }) => {
  await page.goto(`${app.url}/examples/04-import-map.html`)
  const box = page.locator('input')
  await box.fill('relativity')
  await box.press('Enter')
  await expect(page.locator('output')).toHaveText('On the electrodynamics of moving bodies')
})

site("example 6 embeds with an adapter that is not the model's own", async ({ page, app }) => {
  const lines: string[] = []
  page.on('console', (message) => lines.push(message.text()))
  await runInPage(page, app, [example('06-own-adapter.ts')])
  expect(lines[0]).toBe('0 A structure for deoxyribose nucleic acid')
})

test('example 5 merges the duplicates of a file', async () => {
  const { stdout } = await runInNode('example-5', javascript(example('05-deduplicate-a-file.mjs')), ['library.ris'])
  expect(stdout).toContain('2 records, 1 duplicates removed, 1 left')
  expect(readFileSync(join(folder, 'merged.ris'), 'utf8').match(/^TY {2}- /gm)).toHaveLength(1)
})

test('example 7 writes papers for the command that embeds them', async () => {
  await runInNode('example-7', javascript(example('07-node.mjs')), ['library.ris', 'papers.jsonl'])
  expect(readFileSync(join(folder, 'papers.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2)
})
