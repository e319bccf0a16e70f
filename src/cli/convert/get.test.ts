import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import {
  firstSpecter2Repos,
  type HubRepo,
  specter2Repos,
  startHub,
  type TestHub,
  tinyAdapter,
  tinyBase,
} from '../../../testing/hub-server.js'
import { parseManifest } from '../../core/model-folder/manifest.js'
import { PUBLISHED_MODELS } from '../../model/hub/published-models.js'
import { convertCommand } from './convert.js'
import { getCommand } from './get.js'

const fixture = fileURLToPath(new URL('../../../testing/fixtures/specter2-tiny/', import.meta.url))
const NAMES = ['proximity', 'adhoc_query', 'classification', 'regression']
const never = new AbortController().signal

let folder: string
let out: string
let hub: TestHub

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  out = join(folder, 'out')
  vi.stubEnv('SPECTER2_WEB_CACHE', join(folder, 'cache'))
  vi.stubEnv('HF_TOKEN', '')
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(async () => {
  hub?.close()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

async function serve(repos: Readonly<Record<string, HubRepo>>, options: Parameters<typeof startHub>[1] = {}) {
  hub?.close()
  hub = await startHub(repos, options)
  vi.stubEnv('HF_ENDPOINT', hub.url)
}

const manifest = async (model = out) => parseManifest(await readFile(join(model, 'manifest.json'), 'utf8'), model)

/** Every file of a model folder but those that name where it came from. */
async function weights(model: string): Promise<Record<string, string>> {
  const entries = await readdir(model, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const named = paths.filter((path) => !/(manifest\.json|NOTICE\.md)$/.test(path)).sort()
  return Object.fromEntries(
    await Promise.all(named.map(async (path) => [path.slice(model.length), (await readFile(path)).toString('base64')])),
  )
}

describe('get', () => {
  test('writes the model that a conversion of the same files writes, and says how to use it', async () => {
    await serve(specter2Repos())
    out = join(folder, 'public/models/specter2')
    await getCommand(['specter2', '--out', out, '--dtype', 'fp32,q8', '--calibrate', 'none'], never)
    const local = join(folder, 'local')
    const adapters = NAMES.flatMap((name) => ['--adapter', `${name}=${join(fixture, 'adapters', name)}`])
    await convertCommand([fixture, ...adapters, '--pooling', 'cls', '--calibrate', 'none', '--out', local], never)
    expect(await weights(out)).toEqual(await weights(local))
    const { id, revision, license, adapters: listed, selfTest, ...rest } = await manifest()
    const commits: Record<string, string> = { proximity: 'allenai/specter2' }
    expect({ id, revision, license }).toEqual({
      id: 'allenai/specter2_base',
      revision: hub.commit('allenai/specter2_base'),
      license: 'Apache-2.0',
    })
    for (const name of NAMES) {
      const repo = commits[name] ?? `allenai/specter2_${name}`
      expect(listed[name]).toEqual({
        file: `adapters/${name}.safetensors`,
        half: `adapters/${name}.f16.safetensors`,
        source: `${repo}@${hub.commit(repo)}`,
      })
    }
    const ofLocal = await manifest(local)
    expect(selfTest).toEqual(ofLocal.selfTest)
    expect(rest.templates).toEqual(ofLocal.templates)
    expect(await readFile(join(out, 'NOTICE.md'), 'utf8')).toContain('doi:10.18653/v1/2023.emnlp-main.338')
    expect(
      vi
        .mocked(console.log)
        .mock.calls.flat()
        .filter((line) => line.startsWith('Use it')),
    ).toEqual(["Use it: createEmbedder({ model: '/models/specter2/' })"])
    // Of two formats of the same weights one is downloaded, and nothing twice.
    const paths = hub.requests.filter(({ path }) => path.includes('/resolve/')).map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths.filter((path) => /pytorch_model\.bin|README/.test(path))).toEqual([])
  })

  test('gives the same model from a hub that has the first names, and from one that redirects old names', async () => {
    await serve(specter2Repos())
    await getCommand(['specter2', '--out', out, '--dtype', 'fp32'], never)
    const expected = await weights(out)
    await serve(firstSpecter2Repos())
    const first = join(folder, 'first')
    await getCommand(['specter2', '--out', first, '--dtype', 'fp32'], never)
    expect(await weights(first)).toEqual(expected)
    const { id, adapters } = await manifest(first)
    expect(id).toBe('allenai/specter2_base')
    expect(adapters.proximity!.source).toMatch(/^allenai\/specter2_proximity@/)

    await serve(specter2Repos(), { renamed: { 'allenai/specter2_proximity': 'allenai/specter2' } })
    const redirected = join(folder, 'redirected')
    await convertCommand(
      ['allenai/specter2', '--adapter', 'proximity=allenai/specter2_proximity', '--out', redirected, '--dtype', 'fp32'],
      never,
    )
    const both = await weights(redirected)
    expect(both['/onnx/model.onnx']).toBe(expected['/onnx/model.onnx'])
    expect(both['/adapters/proximity.safetensors']).toBe(expected['/adapters/proximity.safetensors'])
    expect((await manifest(redirected)).adapters.proximity!.source).toBe(`allenai/specter2@${hub.commit('allenai/specter2')}`)
  })

  test.each(Object.entries(PUBLISHED_MODELS).slice(1))(
    'gets %s by the names under which it is published',
    async (name, model) => {
      const repos: Record<string, HubRepo> = { [model.base]: { files: tinyBase() } }
      for (const [adapter, repo] of Object.entries(model.adapters)) repos[repo] = { files: tinyAdapter(adapter) }
      await serve(repos)
      // The fixture does not say what the real one's files say.
      const pooling = name === 'minilm' ? ['--pooling', 'mean'] : []
      await getCommand([name, '--out', out, '--dtype', 'fp32', ...pooling], never)
      const { id, license, pooling: pooled, normalized, metric, adapters, defaultAdapter, queryAdapter } = await manifest()
      expect({ id, license }).toEqual({ id: model.id, license: model.license })
      const ofSpecter = name !== 'minilm'
      expect({ pooled, normalized, metric }).toEqual(
        ofSpecter
          ? { pooled: 'cls', normalized: false, metric: 'euclidean' }
          : { pooled: 'mean', normalized: false, metric: 'cosine' },
      )
      expect(Object.keys(adapters)).toEqual(Object.keys(model.adapters))
      expect({ defaultAdapter, queryAdapter }).toEqual(
        Object.keys(model.adapters).length > 0
          ? { defaultAdapter: 'proximity', queryAdapter: 'adhoc_query' }
          : { defaultAdapter: 'base', queryAdapter: 'base' },
      )
    },
  )

  test('downloads nothing a second time, and takes the revision that is asked for', async () => {
    const { 'allenai/specter2_base': base, ...adapters } = specter2Repos()
    const card = { ...base!.files, LICENSE: new TextEncoder().encode('Permission is granted') }
    await serve({ ...adapters, 'allenai/specter2_base': { ...base!, revisions: { licensed: card } } })
    await getCommand(['specter2', '--out', out, '--dtype', 'fp32'], never)
    const downloads = () => hub.requests.filter(({ path }) => path.includes('/resolve/')).length
    const before = downloads()
    await getCommand(['specter2', '--out', out, '--dtype', 'fp32'], never)
    expect(downloads()).toBe(before)
    await getCommand(['specter2', '--out', out, '--dtype', 'fp32', '--revision', 'licensed'], never)
    expect((await manifest()).revision).toBe(hub.commit('allenai/specter2_base', 'licensed'))
    expect(await readFile(join(out, 'LICENSE'), 'utf8')).toBe('Permission is granted')
  })

  test.each([[[]], [['bert']], [['constructor']], [['--out', 'x']]])('refuses %j, and names those there are', async (args) => {
    await expect(getCommand(args, never)).rejects.toThrow(
      '<name> must be one of specter2, specter2-aug2023refresh, specter, scincl, scirepeval-adapters, minilm',
    )
  })

  test('leaves no model folder where the hub refuses, and says what to do', async () => {
    const { 'allenai/specter2_base': base, ...adapters } = specter2Repos()
    await serve({ ...adapters, 'allenai/specter2_base': { ...base!, access: 'private' } })
    const hidden = await failure(getCommand(['specter2', '--out', out], never), 'MODEL_NOT_FOUND')
    expect(hidden.message).toContain('There is no repository allenai/specter2_base')
    await serve({ ...adapters, 'allenai/specter2_base': { ...base!, access: 'gated' } })
    const error = await failure(getCommand(['specter2', '--out', out], never), 'DOWNLOAD_FAILED')
    expect(error.message).toContain('set HF_TOKEN')
    expect(await readdir(folder)).not.toContain('out')
    vi.stubEnv('HF_TOKEN', 'hf_test')
    await getCommand(['specter2', '--out', out, '--dtype', 'fp32'], never)
    expect((await manifest()).id).toBe('allenai/specter2_base')
  })
})

describe('convert', () => {
  test('takes repositories at revisions, an id and the licence of their card', async () => {
    const { 'allenai/specter2_base': base } = specter2Repos()
    await serve({
      'me/model': { ...base!, license: 'cc-by-4.0', revisions: { v2: base!.files } },
      'me/adapter': { files: tinyAdapter('proximity') },
    })
    await convertCommand(
      ['me/model@v2', '--adapter', 'mine=me/adapter', '--out', out, '--dtype', 'fp32', '--token', 'hf_test'],
      never,
    )
    expect(await manifest()).toMatchObject({ id: 'me/model', license: 'CC-BY-4.0', revision: hub.commit('me/model', 'v2') })
    expect((await manifest()).adapters.mine!.source).toBe(`me/adapter@${hub.commit('me/adapter')}`)
    expect(
      hub.requests.filter(({ server }) => server === 'hub').every(({ authorization }) => authorization === 'Bearer hf_test'),
    ).toBe(true)
    await expect(convertCommand(['me/model@v2', '--revision', 'v1', '--out', out], never)).rejects.toThrow(
      '--revision must be left out',
    )
  })

  test('says of a name that is neither folder nor repository that it looked for both', async () => {
    await serve({})
    const error = await failure(convertCommand(['models/specter', '--out', out], never), 'MODEL_NOT_FOUND')
    expect(error.message).toMatch(
      /There is no repository models\/specter .*\(models\/specter is no folder here, so it was looked for on the hub\.\)/,
    )
  })

  test('of an adapter in the place of a base says what it lacks', async () => {
    await serve(specter2Repos())
    const error = await failure(convertCommand(['allenai/specter2_adhoc_query', '--out', out], never), 'MODEL_NOT_FOUND')
    expect(error.message).toContain('has no config.json')
  })
})
