/** The own encoder: each way to multiply that this CPU has, what takes over if it is wrong, and what is not fetched. */
import type { Page } from '@playwright/test'
import type { EmbedderInfo, EncoderTier } from 'specter2-web'
import { ENCODER_KERNELS } from '../src/core/kernels/encoder-bytes.js'
import { TIERS } from '../src/core/kernels/encoder-tiers.js'
import { expect, fileBytes, type PlainOptions, type Site, test } from './site.js'
import { ADAPTERS, cosine, minilm, rowsOf, tiny } from './vectors.js'

const WORKER = '/specter2-web/workers/embed.js'

interface Embedded {
  info: EmbedderInfo
  /** By adapter. */
  vectors: number[][]
}

/** Vectors of texts by adapter, or the error. */
function embed(
  page: Page,
  options: PlainOptions,
  texts: readonly { title: string; abstract: string | null }[],
  adapters: readonly string[],
) {
  return page.evaluate(
    async ({ options, texts, adapters }): Promise<Embedded | { code: string; details: Record<string, unknown> }> => {
      try {
        const embedder = await window.specter2.createEmbedder(options)
        const vectors = []
        for (const adapter of adapters) vectors.push([...(await embedder.embed(texts, { adapter })).vectors])
        const { info } = embedder
        await embedder.dispose()
        return { info, vectors }
      } catch (error) {
        const { code, details } = error as { code: string; details: Record<string, unknown> }
        return { code, details }
      }
    },
    { options, texts: [...texts], adapters: [...adapters] },
  )
}

/** Mean and smallest cosine to the reference. */
function agreement(found: Embedded, adapters: readonly string[], expected: (adapter: string) => number[][]) {
  const cosines = adapters.flatMap((adapter, index) =>
    rowsOf(found.vectors[index]!, found.info.dimension).map((row, text) => cosine(row, expected(adapter)[text]!)),
  )
  return { mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length, smallest: Math.min(...cosines) }
}

const tinyVectors = (adapter: string) => tiny.vectors.papers[adapter as (typeof ADAPTERS)[number]]
const minilmVectors = (adapter: string) => (adapter === 'base' ? minilm.vectors.papers : minilm.adapterVectors.adhoc_query.papers)

for (const tier of TIERS) {
  test(`${tier}: fixture and default model are as close to fp32 as q8 must be, or the tier is refused by name`, async ({
    page,
  }) => {
    const fixture = await embed(page, { model: '/models/tiny/', engine: 'own', tier }, tiny.papers, ADAPTERS)
    if ('code' in fixture) {
      expect(tier).not.toBe('simd')
      expect(fixture).toMatchObject({ code: 'UNSUPPORTED', details: { engine: 'own', reason: expect.stringContaining(tier) } })
      return
    }
    expect(fixture.info).toMatchObject({ engine: 'own', tier, device: 'wasm', dtype: 'q8' })
    const small = agreement(fixture, ADAPTERS, tinyVectors)
    const adapters = ['base', 'adhoc_query']
    const large = agreement(
      (await embed(page, { engine: 'own', tier }, minilm.papers, adapters)) as Embedded,
      adapters,
      minilmVectors,
    )
    console.log(tier, { small, large })
    expect(small.smallest).toBeGreaterThanOrEqual(0.99)
    expect(large.mean).toBeGreaterThanOrEqual(0.998)
    expect(large.smallest).toBeGreaterThanOrEqual(0.994)
  })
}

test('4 bits: as close as on transformers.js', async ({ page }) => {
  const adapters = ['base', 'adhoc_query']
  const own = (await embed(page, { dtype: 'q4', engine: 'own' }, minilm.papers, adapters)) as Embedded
  const peer = (await embed(page, { dtype: 'q4', engine: 'transformers' }, minilm.papers, adapters)) as Embedded
  const [ours, theirs] = [agreement(own, adapters, minilmVectors), agreement(peer, adapters, minilmVectors)]
  console.log('q4', { ours, theirs })
  expect(ours.mean).toBeGreaterThan(theirs.mean - 0.001)
  expect(ours.smallest).toBeGreaterThan(theirs.smallest - 0.002)
})

test('by default the fastest tier runs, and nothing of transformers.js and its runtime is fetched', async ({ page, site }) => {
  const found = (await embed(page, {}, minilm.papers, ['base'])) as Embedded
  expect(found.info.engine).toBe('own')
  const runs = []
  for (const tier of TIERS) {
    const forced = await embed(page, { model: '/models/tiny/', engine: 'own', tier }, [], [])
    if ('info' in forced) runs.push(tier)
  }
  expect(found.info.tier).toBe(runs[0])
  expect(site.requests.filter(({ path }) => path.includes('/ort/'))).toEqual([])
})

test('portable runs on plain SIMD', async ({ page }) => {
  const found = (await embed(page, { model: '/models/tiny/', engine: 'portable' }, tiny.papers, ['base'])) as Embedded
  expect(found.info).toMatchObject({ engine: 'own', tier: 'simd' })
})

test('weights in fp32 run on transformers.js, which is said; by name the own encoder refuses them', async ({ page, site }) => {
  const options = { model: '/models/tiny/', dtype: 'fp32' } as const
  const found = (await embed(page, options, tiny.papers, ['base'])) as Embedded
  expect(found.info).toMatchObject({ engine: 'transformers', engineReason: expect.stringContaining('fp32'), tier: null })
  expect(site.requests.some(({ path }) => path.endsWith('/ort/transformers.js'))).toBe(true)
  expect(await embed(page, { ...options, engine: 'own' }, [], [])).toMatchObject({
    code: 'UNSUPPORTED',
    details: { engine: 'own', dtype: 'fp32', reason: expect.stringContaining('fp32') },
  })
})

/** Serves the worker with other kernels, by tier. */
function plant(site: Site, kernels: Partial<Record<EncoderTier, string>>): void {
  let script = fileBytes(WORKER).toString()
  for (const [tier, bytes] of Object.entries(kernels)) {
    const own = ENCODER_KERNELS[tier as EncoderTier]
    expect(script.split(own)).toHaveLength(2)
    script = script.replace(own, bytes)
  }
  site.answer = (path, response) => {
    if (path !== WORKER) return false
    response.writeHead(200, { 'content-type': 'text/javascript', 'cross-origin-embedder-policy': 'require-corp' }).end(script)
    return true
  }
}

test('kernels whose activation is wrong fail the self-test, and transformers.js takes over, with the reason', async ({
  page,
  site,
}) => {
  // The last coefficient of GELU's polynomial, with its sign turned.
  const coefficient = Buffer.from(new Float32Array([0.1472127832]).buffer)
  const wrong = (tier: EncoderTier) => {
    const bytes = Buffer.from(ENCODER_KERNELS[tier], 'base64')
    let found = 0
    for (let at = bytes.indexOf(coefficient); at >= 0; at = bytes.indexOf(coefficient, at + 1), found++) bytes[at + 3]! ^= 0x80
    expect(found).toBeGreaterThan(0)
    return bytes.toString('base64')
  }
  plant(site, Object.fromEntries(TIERS.map((tier) => [tier, wrong(tier)])))
  const found = (await embed(page, { worker: WORKER }, minilm.papers, ['base'])) as Embedded
  expect(found.info).toMatchObject({ engine: 'transformers', engineReason: expect.stringContaining('self-test'), tier: null })
  expect(agreement(found, ['base'], minilmVectors).smallest).toBeGreaterThan(0.994)
  expect(await embed(page, { engine: 'own', worker: WORKER }, [], [])).toMatchObject({ code: 'SELF_TEST_FAILED' })
})

test('kernels whose product is wrong are not chosen', async ({ page, site }) => {
  plant(site, { vnni: ENCODER_KERNELS.simd, sdot: ENCODER_KERNELS.simd, maddubs: ENCODER_KERNELS.simd })
  const found = (await embed(page, { model: '/models/tiny/', worker: WORKER }, tiny.papers, ['base'])) as Embedded
  expect(found.info).toMatchObject({ engine: 'own', tier: 'simd' })
})
