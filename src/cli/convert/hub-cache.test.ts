import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { cacheFolder, HubCache } from './hub-cache.js'

const file = { repo: 'me/tiny', commit: 'c'.repeat(40), path: '1_Pooling/config.json', byteLength: 6 }
const bytes = (text: string) => new TextEncoder().encode(text)

let folder: string
let place: string
let cache: HubCache

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'specter2-web-'))
  place = join(folder, 'hub/me/tiny', file.commit, '1_Pooling')
  cache = new HubCache(folder)
})
afterEach(() => rm(folder, { recursive: true }))

/** Bytes with which a download would begin now. */
async function heldAtBegin(): Promise<number> {
  const part = await cache.begin(file)
  const { held } = part
  await part.release()
  return held
}

/** Leaves `text` of the file there, as a process of this number did. */
async function leftBy(pid: number, text: string): Promise<string> {
  const part = await cache.begin(file)
  await part.release()
  const path = join(place, `config.json.incomplete-${pid}-0badcafe`)
  await writeFile(path, text)
  return path
}

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.on('close', resolve))
  return child.pid!
}

describe('HubCache', () => {
  test('has a file when it is committed, not before', async () => {
    const part = await cache.begin(file)
    await part.append(bytes('abc'))
    await part.append(bytes('def'))
    expect(part.held).toBe(6)
    expect(await cache.find(file)).toBeNull()
    expect(await (await part.source()).read(1, 4)).toEqual(bytes('bcd'))
    const committed = await part.commit()
    await part.release()
    for (const source of [committed, (await new HubCache(folder).find(file))!]) {
      expect({ name: source.name, byteLength: source.byteLength }).toEqual({ name: 'config.json', byteLength: 6 })
      expect(await source.read(0, 6)).toEqual(bytes('abcdef'))
    }
    expect(await readdir(place)).toEqual(['config.json'])
  })

  test('has no file of another length', async () => {
    const part = await cache.begin(file)
    await part.append(bytes('abcdef'))
    await part.commit()
    expect(await cache.find({ ...file, byteLength: 7 })).toBeNull()
    expect(await cache.find({ ...file, commit: 'd'.repeat(40) })).toBeNull()
  })

  test('keeps a part that is released, and nothing of one that is empty or discarded', async () => {
    const part = await cache.begin(file)
    await part.append(bytes('abc'))
    await part.release()
    expect(await readdir(place)).toEqual(['config.json.incomplete'])
    const again = await cache.begin(file)
    expect(again.held).toBe(3)
    await again.append(bytes('d'))
    expect(await (await again.source()).read(0, 4)).toEqual(bytes('abcd'))
    await again.discard()
    expect(again.held).toBe(0)
    await again.append(bytes('x'))
    expect(await (await again.source()).read(0, 1)).toEqual(bytes('x'))
    await again.discard()
    await again.release()
    expect(await readdir(place)).toEqual([])
  })

  test('gives two at once a part each, and the file is whole whoever is first', async () => {
    const seed = await cache.begin(file)
    await seed.append(bytes('ab'))
    await seed.release()
    const [one, two] = await Promise.all([cache.begin(file), new HubCache(folder).begin(file)])
    // One of them got what was left.
    expect([one.held, two.held].sort()).toEqual([0, 2])
    for (const part of [one, two]) await part.append(bytes('abcdef'.slice(part.held)))
    await Promise.all([one.commit(), two.commit()])
    await Promise.all([one.release(), two.release()])
    expect(await readdir(place)).toEqual(['config.json'])
    expect(await readFile(join(place, 'config.json'), 'utf8')).toBe('abcdef')
  })

  test('takes up the part of a process that was killed, the longest of several', async () => {
    await leftBy(await endedProcess(), 'ab')
    await leftBy(await endedProcess(), 'abcd')
    expect(await heldAtBegin()).toBe(4)
  })

  test('leaves the part of a process that runs, unless it is an hour old', async () => {
    const path = await leftBy(process.pid, 'abcd')
    expect(await heldAtBegin()).toBe(0)
    const hourAgo = new Date(Date.now() - 61 * 60 * 1000)
    await utimes(path, hourAgo, hourAgo)
    expect(await heldAtBegin()).toBe(4)
  })

  test('drops a part that is longer than the file', async () => {
    await leftBy(await endedProcess(), 'abcdefgh')
    expect(await heldAtBegin()).toBe(0)
  })

  test('that cannot be written says how to name another', async () => {
    await writeFile(join(folder, 'hub'), 'in the way')
    const error = await failure(cache.begin(file), 'STORAGE_FAILED')
    expect(error.message).toMatch(/^The cache .* cannot be written: .* or name another folder by SPECTER2_WEB_CACHE\.$/)
  })

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('that is read-only says so', async () => {
    await chmod(folder, 0o500)
    await failure(cache.begin(file), 'STORAGE_FAILED')
    await chmod(folder, 0o700)
  })
})

describe('cacheFolder', () => {
  test.each<[NodeJS.Platform, Record<string, string>, string]>([
    ['linux', {}, join('/home/me', '.cache', 'specter2-web')],
    ['linux', { XDG_CACHE_HOME: '/caches' }, join('/caches', 'specter2-web')],
    ['linux', { XDG_CACHE_HOME: '' }, join('/home/me', '.cache', 'specter2-web')],
    ['darwin', { XDG_CACHE_HOME: '/caches' }, join('/home/me', 'Library', 'Caches', 'specter2-web')],
    ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'specter2-web')],
    ['win32', {}, join('/home/me', 'AppData', 'Local', 'specter2-web')],
    ['linux', { SPECTER2_WEB_CACHE: '/mine', XDG_CACHE_HOME: '/caches' }, '/mine'],
  ])('on %s with %j is %s', (platform, env, expected) => {
    expect(cacheFolder(env, platform, '/home/me')).toBe(expected)
  })
})
