/** Adapters of the model's folder, fetched on first use, and adapters loaded from elsewhere. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadProgress } from 'specter2-web'
import { expect, fileBytes, readReference, type Site, test } from './site.js'

const { papers } = readReference('../testing/fixtures/specter2-tiny/reference.json')
const published = fileURLToPath(new URL('../testing/fixtures/specter2-tiny/adapters', import.meta.url))
const names = ['proximity', 'adhoc_query', 'classification', 'regression']

function adaptersRequested({ requests }: Site): string[] {
  return requests
    .map(({ path }) => /adapters\/(\w+)(?:\.f16)?\.safetensors$/.exec(path)?.[1])
    .filter((name) => name !== undefined)
}

test('an adapter is fetched once, on its first use', async ({ page, site }) => {
  const embedder = await page.evaluateHandle(() => window.specter2.createEmbedder({ model: '/models/tiny/' }))
  expect(adaptersRequested(site)).toEqual(['proximity'])
  await embedder.evaluate((embedder) => embedder.embed(['a text']))
  await embedder.evaluate((embedder) => embedder.embed(['a text'], { adapter: 'base' }))
  expect(adaptersRequested(site)).toEqual(['proximity'])
  await embedder.evaluate((embedder) => Promise.all([embedder.embedQuery('a query'), embedder.embedQuery('another')]))
  expect(adaptersRequested(site)).toEqual(['proximity', 'adhoc_query'])

  const progress = await embedder.evaluate(async (embedder) => {
    const progress: LoadProgress[] = []
    await embedder.preload(['classification', 'regression'], { onProgress: (event) => progress.push(event) })
    return progress
  })
  const total = fileBytes('/models/tiny/adapters/classification.f16.safetensors').length * 2
  expect(progress[0]).toMatchObject({ loaded: 0, total })
  expect(progress.at(-1)).toMatchObject({ loaded: total, total })
  const all = ['proximity', 'adhoc_query', 'classification', 'regression']
  expect(adaptersRequested(site).toSorted()).toEqual(all.toSorted())
  await embedder.evaluate((embedder) => embedder.embed(['a text'], { adapter: 'classification' }))
  expect(adaptersRequested(site)).toHaveLength(4)
})

test('the progress of loading ends with the model, even if adapters are fetched later', async ({ page }) => {
  const stages = await page.evaluate(async () => {
    const stages: string[] = []
    const embedder = await window.specter2.createEmbedder({
      model: '/models/tiny/',
      onProgress: ({ stage }) => stages.push(stage),
    })
    await embedder.embedQuery('a query')
    return stages
  })
  expect(stages.indexOf('ready')).toBe(stages.length - 1)
})

test('the option adapter sets the one for papers, which is fetched with the model', async ({ page, site }) => {
  const { info, same } = await page.evaluate(async (papers) => {
    const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', adapter: 'classification' })
    const { info } = embedder
    const [a, b] = [await embedder.embed(papers), await embedder.embed(papers, { adapter: 'classification' })]
    return { info, same: a.adapter === 'classification' && String(a.vectors) === String(b.vectors) }
  }, papers)
  expect(info).toMatchObject({ defaultAdapter: 'classification', queryAdapter: 'adhoc_query', adapters: ['base', ...names] })
  expect(same).toBe(true)
  expect(adaptersRequested(site)).toEqual(['classification'])
})

test('a published adapter, by URL or as files, gives the same vectors as when converted with the model', async ({ page }) => {
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('input'), { type: 'file', webkitdirectory: true }))
  })
  await page.setInputFiles('input', join(published, 'regression'))
  const { different, returned, files, adapters } = await page.evaluate(
    async ({ names, papers }) => {
      const embedder = await window.specter2.createEmbedder({ model: '/models/tiny/', dtype: 'fp32' })
      const vectors = async (adapter: string) => String((await embedder.embed(papers, { adapter })).vectors)
      const different: string[] = []
      for (const name of names) {
        await embedder.loadAdapter(`/fixture/adapters/${name}/`, { as: `my-${name}` })
        if ((await vectors(`my-${name}`)) !== (await vectors(name))) different.push(name)
      }
      if ((await vectors('my-proximity')) === (await vectors('my-regression'))) different.push('nothing: all are the same')
      const files = [...document.querySelector('input')!.files!]
      const returned = [
        await embedder.loadAdapter(files, { as: 'picked' }),
        await embedder.loadAdapter(new URL('/fixture/adapters/proximity', document.baseURI)),
      ]
      if ((await vectors('picked')) !== (await vectors('regression'))) different.push('picked')
      if ((await vectors('[PRX]')) !== (await vectors('proximity'))) different.push('under its own name')
      // Replaces the adapter of this name.
      await embedder.loadAdapter('/fixture/adapters/classification/', { as: 'picked' })
      if ((await vectors('picked')) !== (await vectors('classification'))) different.push('replaced')
      return { different, returned, files: files.length, adapters: embedder.info.adapters }
    },
    { names, papers },
  )
  expect(files).toBe(2)
  expect(different).toEqual([])
  expect(returned).toEqual(['picked', '[PRX]'])
  expect(adapters).toEqual(['base', ...names, ...names.map((name) => `my-${name}`), 'picked', '[PRX]'])
})

test('an adapter that does not fit is refused with the code of its error, and the model still works', async ({ page, site }) => {
  site.answer = (path, response) => {
    if (path.startsWith('/spa/')) return Boolean(response.setHeader('content-type', 'text/html').end('<!doctype html><p>Home'))
    if (path === '/damaged/pytorch_adapter.bin')
      response.end(readFileSync(join(published, 'proximity/pytorch_adapter.bin')).subarray(0, 6000))
    else if (path === '/damaged/adapter_config.json') response.end(readFileSync(join(published, 'proximity/adapter_config.json')))
    else return false
    return true
  }
  const rejections = await page.evaluate(async () => {
    const load = async (model: string, source: string | Map<string, Blob>, options = {}) => {
      const embedder = await window.specter2.createEmbedder({ model })
      const rejection = await window.rejection(embedder.loadAdapter(source, options))
      // The model still works.
      await embedder.embed(['a text'])
      await embedder.dispose()
      return rejection
    }
    return {
      'another width': await load('minilm', '/fixture/adapters/proximity/'),
      'a model without adapters': await load('/models/tiny-plain/', '/fixture/adapters/proximity/'),
      'no folder': await load('/models/tiny/', '/fixture/adapters/missing/'),
      'a web page': await load('/models/tiny/', '/spa/adapter/'),
      'a damaged file': await load('/models/tiny/', '/damaged/'),
      'no files': await load('/models/tiny/', new Map()),
      'the name base': await load('/models/tiny/', '/fixture/adapters/proximity/', { as: 'base' }),
      'a number': await load('/models/tiny/', 5 as never),
    }
  })
  expect(rejections).toMatchObject({
    'another width': { code: 'UNSUPPORTED', message: expect.stringMatching(/64.*384/) },
    'a model without adapters': { code: 'UNSUPPORTED', message: expect.stringContaining('--adapter') },
    'no folder': { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('fixture/adapters/missing') },
    'a web page': { code: 'DAMAGED_FILE' },
    'a damaged file': { code: 'DAMAGED_FILE' },
    'no files': { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('pytorch_adapter.bin') },
    'the name base': { kind: 'InvalidArgumentError', field: 'options.as' },
    'a number': { kind: 'InvalidArgumentError', field: 'source' },
  })
})
