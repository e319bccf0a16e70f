import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { sendBytes } from '../../../testing/http-server.js'
import { type HubRepo, type HubRequest, startHub, type TestHub } from '../../../testing/hub-server.js'
import { HubCache } from '../../cli/convert/hub-cache.js'
import type { PublishedFolder } from '../../core/checkpoint/published-folder.js'
import { InvalidArgumentError } from '../../core/errors.js'
import { type HubFolderOptions, type HubProgress, openHubFolder } from './hub-folder.js'

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24)
const weights = bytes(3_000_000, 1)
const config = new TextEncoder().encode('{"model_type":"bert"}')
const files = {
  'config.json': config,
  'model.safetensors': weights,
  'README.md': bytes(100, 2),
  'tokenizer.json': bytes(5000, 3),
  'vocab.txt': new Uint8Array(0),
  '1_Pooling/config.json': bytes(50, 4),
}
const older = { ...files, 'config.json': new TextEncoder().encode('{"model_type":"first"}') }
const repos: Record<string, HubRepo> = {
  'me/open': { files, license: 'apache-2.0', revisions: { 'v1.0': older } },
  'me/gated': { files, access: 'gated' },
  'me/private': { files, access: 'private' },
}

let hub: TestHub
let folder: string
let waits: number[]

beforeEach(async () => {
  hub = await startHub(repos, { renamed: { 'me/formerly': 'me/open' }, token: 'hf_secret' })
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  waits = []
})
afterEach(async () => {
  hub.close()
  await rm(folder, { recursive: true })
})

const open = (options: Partial<HubFolderOptions> = {}) =>
  openHubFolder({
    repo: 'me/open',
    endpoint: hub.url,
    store: new HubCache(folder),
    sleep: async (ms) => void waits.push(ms),
    ...options,
  })

async function read(folder: PublishedFolder, path: string): Promise<Uint8Array> {
  const file = await folder.open(path)
  return file!.read(0, file!.byteLength)
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const sameBytes = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0
/** Requests of files, without the hub's redirects of large ones. */
const downloads = () => hub.requests.filter(({ server, path }) => server === 'network' || /resolve.*\.(json|md|txt)$/.test(path))
const onNetwork = () => hub.requests.filter(({ server }) => server === 'network')

/** Makes the content network answer its next requests by `steps` instead. */
function misbehave(...steps: ((request: HubRequest, response: ServerResponse) => void)[]) {
  hub.answer = (request, response) => {
    const step = request.server === 'network' && steps.shift()
    if (step) step(request, response)
    return Boolean(step)
  }
}

/** Sends `length` bytes of the requested range, and breaks the connection. */
const breakAfter = (length: number) => (request: HubRequest, response: ServerResponse) => {
  const start = Number(/bytes=(\d+)-/.exec(request.range ?? '')?.[1] ?? 0)
  const rest = weights.length - start
  if (request.range) response.setHeader('content-range', `bytes ${start}-${weights.length - 1}/${weights.length}`)
  response.writeHead(request.range ? 206 : 200, { 'content-length': rest })
  response.write(weights.subarray(start, start + length), () => response.destroy())
}

describe('a folder on a hub', () => {
  test('has its commit, licence and files, each of which is downloaded when it is first opened', async () => {
    const opened = await open()
    expect(opened).toMatchObject({
      name: `me/open@${hub.commit('me/open')}`,
      repo: 'me/open',
      commit: hub.commit('me/open'),
      license: 'apache-2.0',
    })
    expect(Object.keys(files).map(opened.has)).toEqual(Object.keys(files).map(() => true))
    expect(downloads()).toEqual([])
    for (const [path, content] of Object.entries(files))
      expect({ path, same: sameBytes(await read(opened, path), content) }).toEqual({ path, same: true })
    expect((await opened.open('model.safetensors'))!.name).toBe('model.safetensors')
    // The empty file needs no request.
    expect(downloads()).toHaveLength(Object.keys(files).length - 1)
    expect(
      hub.requests.every(
        ({ path, server }) => server === 'network' || !path.includes('/resolve/') || path.includes(hub.commit('me/open')),
      ),
    ).toBe(true)
  })

  test('returns null for a file that it lacks, without a request', async () => {
    const opened = await open()
    const before = hub.requests.length
    expect(await opened.open('pytorch_model.bin')).toBeNull()
    expect(opened.has('constructor')).toBe(false)
    expect(hub.requests).toHaveLength(before)
  })

  test.each([
    ['a tag', 'v1.0', 'v1.0'],
    ['a commit', () => hub.commit('me/open', 'v1.0'), 'v1.0'],
    ['nothing', undefined, 'main'],
  ])('is opened at the revision, given by %s', async (_, revision, branch) => {
    const opened = await open({ revision: typeof revision === 'function' ? revision() : revision })
    expect(opened.commit).toBe(hub.commit('me/open', branch))
    expect(sameBytes(await read(opened, 'config.json'), branch === 'main' ? config : older['config.json'])).toBe(true)
  })

  test('is found by an old name, and has its current name', async () => {
    const opened = await open({ repo: 'me/formerly' })
    expect(opened.repo).toBe('me/open')
    expect(sameBytes(await read(opened, 'config.json'), config)).toBe(true)
  })

  test('is downloaded once: the second time it is read from the store, without progress', async () => {
    await read(await open(), 'model.safetensors')
    const before = downloads().length
    const progress: HubProgress[] = []
    expect(sameBytes(await read(await open({ onProgress: (step) => progress.push(step) }), 'model.safetensors'), weights)).toBe(
      true,
    )
    expect(downloads()).toHaveLength(before)
    expect(progress).toEqual([])
  })

  test('reports a growing number of bytes, from 0 to all', async () => {
    const progress: HubProgress[] = []
    await read(await open({ onProgress: (step) => progress.push(step) }), 'model.safetensors')
    expect(new Set(progress.map(({ file, total }) => `${file} ${total}`))).toEqual(new Set(['me/open/model.safetensors 3000000']))
    const loaded = progress.map(({ loaded }) => loaded)
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
    expect([loaded[0], loaded.at(-1)]).toEqual([0, weights.length])
    expect(loaded.length).toBeGreaterThan(3)
  })
})

describe('access', () => {
  test('by a token opens private and gated repositories, and the content network never sees the token', async () => {
    for (const repo of ['me/private', 'me/gated']) {
      const opened = await open({ repo, token: 'hf_secret' })
      expect(sameBytes(await read(opened, 'model.safetensors'), weights)).toBe(true)
    }
    const seen = (server: string) =>
      new Set(hub.requests.filter((request) => request.server === server).map(({ authorization }) => authorization))
    expect(seen('hub')).toEqual(new Set(['Bearer hf_secret']))
    expect(seen('network')).toEqual(new Set([null]))
  })

  test('to a gated repository without token is refused with the next step', async () => {
    const error = await failure((await open({ repo: 'me/gated' })).open('config.json').then(), 'DOWNLOAD_FAILED')
    expect(error.message).toContain('HF_TOKEN')
    expect(error.message).toContain(`${hub.url}/me/gated`)
    expect(error).toMatchObject({ retryable: false, details: { status: 401, reason: 'GatedRepo' } })
    expect(waits).toEqual([])
  })

  test('to a repository that is private or does not exist is refused naming both', async () => {
    for (const repo of ['me/private', 'me/nothing']) {
      const error = await failure(open({ repo }), 'MODEL_NOT_FOUND')
      expect(error.details).toMatchObject({ status: 401, reason: 'RepoNotFound' })
      expect(error.message).toContain(repo)
      expect(error.message).toContain('HF_TOKEN')
    }
  })

  test('with an invalid token is refused, and the error does not contain the token', async () => {
    const error = await failure(open({ token: 'hf_wrong' }), 'DOWNLOAD_FAILED')
    expect(error.details).toMatchObject({ status: 401 })
    expect(error.message).toContain('HF_TOKEN')
    expect(error.message).not.toContain('hf_wrong')
  })

  test('to an unknown revision is refused, naming it', async () => {
    const error = await failure(open({ revision: 'v9' }), 'MODEL_NOT_FOUND')
    expect(error.details).toMatchObject({ status: 404, reason: 'RevisionNotFound' })
    expect(error.message).toContain('v9')
  })

  test.each(['bert', '../..', 'me/..', 'a/b/c', '', 'me/x?y'])(
    'refuses %j, which is not the name of a repository',
    async (repo) => {
      await expect(open({ repo })).rejects.toThrow(InvalidArgumentError)
      expect(hub.requests).toEqual([])
    },
  )

  test.each(['huggingface.co', 'ftp://hub.test', ''])('refuses the endpoint %j', async (endpoint) => {
    await expect(open({ endpoint })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'endpoint' })
  })

  test('to a server that is not a hub is refused', async () => {
    hub.answer = (_, response) => {
      response.end('<!doctype html><title>Welcome</title>')
      return true
    }
    const error = await failure(open(), 'DOWNLOAD_FAILED')
    expect(error).toMatchObject({ retryable: false, details: { url: `${hub.url}/me/open` } })
    expect(error.message).toContain('HF_ENDPOINT')
    expect(hub.requests).toHaveLength(1)
  })

  test('to a hub whose list breaks off in the middle is retried', async () => {
    let broken = false
    hub.answer = ({ path }, response) => {
      if (broken || !path.includes('/tree/')) return false
      broken = true
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 999 })
      response.write('[{"type":"file",', () => response.destroy())
      return true
    }
    expect((await open()).has('vocab.txt')).toBe(true)
    expect(waits).toEqual([500])
  })

  test('to a hub that is down is tried five times', async () => {
    hub.close()
    const error = await failure(open(), 'DOWNLOAD_FAILED')
    expect(error).toMatchObject({ retryable: true, details: { url: expect.stringContaining('/me/open/') } })
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })
})

describe('a hub that is busy', () => {
  test.each<[string, number, Record<string, string>, number]>([
    ['429 with Retry-After', 429, { 'retry-after': '7' }, 7000],
    ['429 with RateLimit', 429, { ratelimit: '"api";r=0;t=42' }, 42_000],
    ['503', 503, {}, 500],
  ])('by %s is asked again, for lists and files', async (_, status, headers, ms) => {
    const refused = new Set<string>()
    // Each request is refused once.
    hub.answer = ({ path }, response) => {
      if (refused.has(path)) return false
      refused.add(path)
      response.writeHead(status, headers).end('busy')
      return true
    }
    const opened = await open()
    // The commit, and two pages of files.
    expect(waits).toEqual([ms, ms, ms])
    waits = []
    expect(sameBytes(await read(opened, 'tokenizer.json'), files['tokenizer.json'])).toBe(true)
    expect(waits).toEqual([ms])
  })

  test('for too long ends the download with its status', async () => {
    const opened = await open()
    hub.answer = (_, response) => {
      response.writeHead(500).end()
      return true
    }
    const error = await failure(opened.open('config.json').then(), 'DOWNLOAD_FAILED')
    expect(error).toMatchObject({ retryable: true, details: { status: 500 } })
    hub.answer = null
    // The failure is not cached.
    expect(sameBytes(await read(opened, 'config.json'), config)).toBe(true)
  })
})

describe('a download', () => {
  test('that breaks is resumed from the byte where it broke: each byte is requested once', async () => {
    misbehave(breakAfter(1_000_000), breakAfter(500_000))
    const opened = await open()
    expect(sameBytes(await read(opened, 'model.safetensors'), weights)).toBe(true)
    const [first, second, third] = onNetwork().map(({ range }) => range)
    expect(first).toBeNull()
    // A break may lose bytes in transit.
    const [begin2, begin3] = [second, third].map((range) => Number(/^bytes=(\d+)-2999999$/.exec(range!)![1]))
    expect(begin2).toBeGreaterThan(0)
    expect(begin2).toBeLessThanOrEqual(1_000_000)
    expect(begin3).toBeGreaterThan(begin2!)
    expect(begin3).toBeLessThanOrEqual(begin2! + 500_000)
    expect(onNetwork()).toHaveLength(3)
    expect(waits).toEqual([500, 500])
  })

  test('that is aborted rejects with the reason, and is resumed at the next start', async () => {
    const stop = new AbortController()
    const reason = new Error('Interrupted.')
    let held = 0
    const opened = await open({
      signal: stop.signal,
      onProgress: ({ loaded }) => {
        held = loaded
        if (loaded > 1_000_000) stop.abort(reason)
      },
    })
    await expect(opened.open('model.safetensors')).rejects.toBe(reason)
    expect(await readdir(join(folder, 'hub/me/open', opened.commit))).toEqual(['model.safetensors.incomplete'])
    const loaded: number[] = []
    expect(
      sameBytes(await read(await open({ onProgress: (step) => loaded.push(step.loaded) }), 'model.safetensors'), weights),
    ).toBe(true)
    expect(onNetwork().map(({ range }) => range)).toEqual([null, `bytes=${held}-2999999`])
    expect(loaded[0]).toBe(held)
    expect(await readdir(join(folder, 'hub/me/open', opened.commit))).toEqual(['model.safetensors'])
  })

  test('that is aborted while the hub is silent rejects at once', async () => {
    misbehave(() => {})
    const stop = new AbortController()
    const opened = await open({ signal: stop.signal })
    const work = opened.open('model.safetensors')
    setTimeout(() => stop.abort(new Error('Enough.')), 20)
    await expect(work).rejects.toThrow('Enough.')
  })

  test('that stalls is started again', async () => {
    misbehave(() => {})
    expect(sameBytes(await read(await open({ stallMs: 300 }), 'model.safetensors'), weights)).toBe(true)
    expect(onNetwork()).toHaveLength(2)
  })

  test('from a server without ranges skips the bytes that are there', async () => {
    misbehave(breakAfter(1_000_000), (_, response) => sendBytes(response, weights, null))
    expect(sameBytes(await read(await open(), 'model.safetensors'), weights)).toBe(true)
    expect(onNetwork()).toHaveLength(2)
  })

  test('whose stored part has wrong bytes is detected by the hash, and started again', async () => {
    const damaged = weights.slice()
    damaged[5]! ^= 1
    misbehave((_, response) => {
      response.writeHead(200, { 'content-length': weights.length })
      response.write(damaged.subarray(0, 1_000_000), () => response.destroy())
    })
    expect(sameBytes(await read(await open(), 'model.safetensors'), weights)).toBe(true)
    const ranges = onNetwork().map(({ range }) => range)
    expect([ranges[0], ranges.length, ranges[2]]).toEqual([null, 3, null])
  })

  test('whose stored part is too long for the server is started again', async () => {
    misbehave(breakAfter(1_000_000), (_, response) => void response.writeHead(416).end())
    expect(sameBytes(await read(await open(), 'model.safetensors'), weights)).toBe(true)
    expect(onNetwork().map(({ range }) => range?.slice(0, 6) ?? null)).toEqual([null, 'bytes=', null])
  })

  const flipped = weights.slice()
  flipped[2_999_999]! ^= 1
  test.each<[string, Uint8Array, object]>([
    ['other bytes', flipped, { expected: hash(weights), actual: hash(flipped) }],
    ['more bytes', new Uint8Array(3_000_001), { expected: 3_000_000, actual: 'more' }],
  ])('of %s is refused after a second try, and nothing is stored', async (_, wrong, details) => {
    const send = (_: HubRequest, response: ServerResponse) => sendBytes(response, wrong, null)
    misbehave(send, send)
    const opened = await open()
    const error = await failure(opened.open('model.safetensors').then(), 'HASH_MISMATCH')
    expect(error).toMatchObject({ retryable: false, details: { file: 'model.safetensors', ...details } })
    expect(onNetwork()).toHaveLength(2)
    expect(await readdir(join(folder, 'hub/me/open', opened.commit))).toEqual([])
  })

  test("is verified by Node's hash if that is given", async () => {
    const made: string[] = []
    const opened = await open({
      createHash: (name) => {
        made.push(name)
        return createHash(name)
      },
    })
    for (const path of ['config.json', 'model.safetensors'] as const)
      expect(sameBytes(await read(opened, path), files[path])).toBe(true)
    expect(made).toEqual(['sha1', 'sha256'])
  })

  test('of a small file is verified by the hash of git', async () => {
    const opened = await open()
    const wrong = config.slice()
    wrong[3]! ^= 1
    hub.answer = ({ path }, response) => {
      if (!path.endsWith('config.json')) return false
      sendBytes(response, wrong, null)
      return true
    }
    const error = await failure(opened.open('config.json').then(), 'HASH_MISMATCH')
    expect(error.details.expected).toMatch(/^[0-9a-f]{40}$/)
  })

  test('that keeps ending too early fails with the number of bytes', async () => {
    const end = (_: HubRequest, response: ServerResponse) =>
      void response.writeHead(206, { 'content-range': 'bytes 0-2999999/3000000' }).end()
    misbehave(end, end, end, end, end)
    const opened = await open()
    const error = await failure(opened.open('model.safetensors').then(), 'DOWNLOAD_TRUNCATED')
    expect(error.details).toMatchObject({ file: 'model.safetensors', expected: 3_000_000, actual: 0 })
  })
})
