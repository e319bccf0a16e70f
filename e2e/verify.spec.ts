/** `specter2-web verify --browser`: the command and the published package in Chromium. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { models } from './site.js'
import { tiny } from './vectors.js'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
/** The short papers of the fixture with their vectors: an emulated GPU takes seconds for 512 tokens. */
function shortReference() {
  const isShort = (_: unknown, index: number) => tiny.inputIds.papers[index]!.length < 50
  const vectors = Object.entries(tiny.vectors.papers).map(([adapter, rows]) => [adapter, rows.filter(isShort)])
  return {
    ...tiny,
    papers: tiny.papers.filter(isShort),
    inputIds: { ...tiny.inputIds, papers: tiny.inputIds.papers.filter(isShort) },
    vectors: { ...tiny.vectors, papers: Object.fromEntries(vectors) },
  }
}

const TEXTS = [
  {
    title: 'Bats hunt by the echo of leaves',
    abstract: 'Resting insects are found by the echo that they do not give back, at angles above 36°.',
  },
  { query: 'how do bats find insects that do not move, in the dark and between leaves that give echoes of their own' },
]

interface VerifiedRow {
  dtype: string
  engine: string
  device: string
  browser: string
  adapter: string
  against?: string
  maxAbs?: number
  minCosine?: number
  pass?: boolean
  reason?: string
}

test('every dtype and adapter of the fixture passes in Node and in Chromium, against fp32 and the reference', () => {
  test.setTimeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'specter2-web-'))
  const [json, texts] = [join(folder, 'rows.json'), join(folder, 'texts.jsonl')]
  const reference = join(folder, 'reference.json')
  writeFileSync(reference, JSON.stringify(shortReference()))
  writeFileSync(texts, TEXTS.map((text) => JSON.stringify(text)).join('\n'))
  const args = ['verify', join(models, 'tiny'), '--reference', reference, '--texts', texts, '--browser', '--json', json]
  const { status, stderr, stdout } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' })
  console.log(stdout)
  const { rows } = JSON.parse(readFileSync(json, 'utf8')) as { rows: VerifiedRow[] }
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(rows.filter(({ pass }) => pass === false)).toEqual([])

  const inPlace = (device: string, browser: string) => rows.filter((row) => row.device === device && row.browser === browser)
  // Five adapters, two comparisons; fp32, and q8 on transformers.js and on each tier of the own encoder that is here.
  for (const browser of ['node', 'chromium']) {
    const engines = [...new Set(inPlace('wasm', browser).map(({ dtype, engine }) => `${dtype}, ${engine}`))]
    expect(engines).toEqual(expect.arrayContaining(['fp32, transformers', 'q8, transformers', 'q8, own, simd']))
    expect(inPlace('wasm', browser)).toHaveLength(10 * engines.length)
  }
  // Only fp32 runs on a GPU; a browser without one gets one row that says so.
  const onGpu = inPlace('webgpu', 'chromium')
  if (onGpu[0]?.pass === undefined) expect(onGpu).toMatchObject([{ adapter: 'all', reason: expect.any(String) }])
  else expect(onGpu.map(({ dtype }) => dtype)).toEqual(Array.from({ length: 10 }, () => 'fp32'))
  // The same runtime gives the same bits.
  const same = inPlace('wasm', 'chromium').filter(({ dtype, against }) => dtype === 'fp32' && against === 'fp32')
  expect(same.map(({ maxAbs }) => maxAbs)).toEqual([0, 0, 0, 0, 0])
})
