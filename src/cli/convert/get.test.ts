import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
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
import { fixture, never, recordOutput, temporaryFolder } from '../testing.js'
import { convertCommand } from './convert.js'
import { getCommand } from './get.js'

/** One dtype, nothing measured: the quickest conversion. */
const fp32 = ['--dtype', 'fp32', '--calibrate', 'none']
const NAMES = ['proximity', 'adhoc_query', 'classification', 'regression']

let folder: string
let out: string
let hub: TestHub

beforeEach(async () => {
  folder = await temporaryFolder()
  out = join(folder, 'out')
  vi.stubEnv('SPECTER2_WEB_CACHE', join(folder, 'cache'))
  vi.stubEnv('HF_TOKEN', '')
})
afterEach(async () => {
  hub?.close()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

/** Runs a command, and gives what it printed. */
const run = async (command: typeof getCommand | typeof convertCommand, args: readonly string[]): Promise<string> => {
  const { output, stdout } = recordOutput()
  await command(args, output, never)
  return stdout()
}
const get = (...args: string[]) => run(getCommand, args)
const convert = (...args: string[]) => run(convertCommand, args)

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
  test('writes the same model as a conversion of the same files, and says how to use it', async () => {
    await serve(specter2Repos())
    out = join(folder, 'public/models/specter2')
    const printed = await get('specter2', '--out', out, '--dtype', 'fp32,q8', '--calibrate', 'none')
    const local = join(folder, 'local')
    const adapters = NAMES.flatMap((name) => ['--adapter', `${name}=${join(fixture, 'adapters', name)}`])
    await convert(fixture, ...adapters, '--pooling', 'cls', '--calibrate', 'none', '--out', local)
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
    expect(printed).toMatch(/\nUse it: createEmbedder\(\{ model: '\/models\/specter2\/' \}\)\n$/)
    // Of two formats of the same weights one is downloaded, and nothing twice.
    const paths = hub.requests.filter(({ path }) => path.includes('/resolve/')).map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths.filter((path) => /pytorch_model\.bin|README/.test(path))).toEqual([])
  })

  test('gives the same model from a hub that has the first names, and from one that redirects old names', async () => {
    await serve(specter2Repos())
    await get('specter2', '--out', out, ...fp32)
    const expected = await weights(out)
    await serve(firstSpecter2Repos())
    const first = join(folder, 'first')
    await get('specter2', '--out', first, ...fp32)
    expect(await weights(first)).toEqual(expected)
    const { id, adapters } = await manifest(first)
    expect(id).toBe('allenai/specter2_base')
    expect(adapters.proximity!.source).toMatch(/^allenai\/specter2_proximity@/)

    await serve(specter2Repos(), { renamed: { 'allenai/specter2_proximity': 'allenai/specter2' } })
    const redirected = join(folder, 'redirected')
    await convert('allenai/specter2', '--adapter', 'proximity=allenai/specter2_proximity', '--out', redirected, ...fp32)
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
      await get(name, '--out', out, ...fp32, ...pooling)
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
    await get('specter2', '--out', out, ...fp32)
    const downloads = () => hub.requests.filter(({ path }) => path.includes('/resolve/')).length
    const before = downloads()
    await get('specter2', '--out', out, ...fp32)
    expect(downloads()).toBe(before)
    await get('specter2', '--out', out, ...fp32, '--revision', 'licensed')
    expect((await manifest()).revision).toBe(hub.commit('allenai/specter2_base', 'licensed'))
    expect(await readFile(join(out, 'LICENSE'), 'utf8')).toBe('Permission is granted')
  })

  test.each([[[]], [['bert']], [['constructor']], [['--out', 'x']]])('refuses %j, and lists the names', async (args) => {
    const error = await get(...args).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', field: '<name>' })
    for (const name of Object.keys(PUBLISHED_MODELS)) expect(String(error)).toContain(name)
  })

  test('leaves no model folder if the hub refuses, and works once it accepts a token', async () => {
    const { 'allenai/specter2_base': base, ...adapters } = specter2Repos()
    await serve({ ...adapters, 'allenai/specter2_base': { ...base!, access: 'private' } })
    await failure(get('specter2', '--out', out), 'MODEL_NOT_FOUND')
    await serve({ ...adapters, 'allenai/specter2_base': { ...base!, access: 'gated' } })
    const error = await failure(get('specter2', '--out', out), 'DOWNLOAD_FAILED')
    expect(error.message).toContain('HF_TOKEN')
    expect(await readdir(folder)).not.toContain('out')
    vi.stubEnv('HF_TOKEN', 'hf_test')
    await get('specter2', '--out', out, ...fp32)
    expect((await manifest()).id).toBe('allenai/specter2_base')
  })
})

describe('convert', () => {
  test('takes repositories at revisions, with id and licence of their card', async () => {
    const { 'allenai/specter2_base': base } = specter2Repos()
    await serve({
      'me/model': { ...base!, license: 'cc-by-4.0', revisions: { v2: base!.files } },
      'me/adapter': { files: tinyAdapter('proximity') },
    })
    await convert('me/model@v2', '--adapter', 'mine=me/adapter', '--out', out, ...fp32, '--token', 'hf_test')
    expect(await manifest()).toMatchObject({ id: 'me/model', license: 'CC-BY-4.0', revision: hub.commit('me/model', 'v2') })
    expect((await manifest()).adapters.mine!.source).toBe(`me/adapter@${hub.commit('me/adapter')}`)
    expect(
      hub.requests.filter(({ server }) => server === 'hub').every(({ authorization }) => authorization === 'Bearer hf_test'),
    ).toBe(true)
    await expect(convert('me/model@v2', '--revision', 'v1', '--out', out)).rejects.toMatchObject({ field: '--revision' })
  })

  test('tells that a name is neither a folder nor a repository', async () => {
    await serve({})
    const error = await failure(convert('models/specter', '--out', out), 'MODEL_NOT_FOUND')
    expect(error.message).toContain('not a local folder')
  })

  test('names the file that an adapter lacks as a base', async () => {
    await serve(specter2Repos())
    const error = await failure(convert('allenai/specter2_adhoc_query', '--out', out), 'MODEL_NOT_FOUND')
    expect(error.message).toContain('config.json')
  })
})
