import { spawn } from 'node:child_process'
import { chmod, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { cacheFolder } from '../../node/cache-folder.js'
import { temporaryFolder } from '../testing.js'
import { HubCache } from './hub-cache.js'

const file = { repo: 'me/tiny', commit: 'c'.repeat(40), path: '1_Pooling/config.json', byteLength: 6 }
const bytes = (text: string) => new TextEncoder().encode(text)

let folder: string
let place: string
let cache: HubCache

beforeEach(async () => {
  folder = await temporaryFolder()
  place = join(folder, 'hub/me/tiny', file.commit, '1_Pooling')
  cache = new HubCache(folder)
})
afterEach(() => rm(folder, { recursive: true }))

/** The number of bytes from which a download would be resumed. */
async function resumedBytes(): Promise<number> {
  const part = await cache.begin(file)
  const { held } = part
  await part.release()
  return held
}

/** Writes `text` as the part that a process of this id left. */
async function writePartOf(pid: number, text: string): Promise<string> {
  const part = await cache.begin(file)
  await part.release()
  const path = join(place, `config.json.incomplete-${pid}-0badcafe`)
  await writeFile(path, text)
  return path
}

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.on('close', resolve))
  return child.pid!
}

describe('HubCache', () => {
  test('holds a file once it is committed, not before', async () => {
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

  test('does not return a file of another length or commit', async () => {
    const part = await cache.begin(file)
    await part.append(bytes('abcdef'))
    await part.commit()
    expect(await cache.find({ ...file, byteLength: 7 })).toBeNull()
    expect(await cache.find({ ...file, commit: 'd'.repeat(40) })).toBeNull()
  })

  test('keeps a part that is released, unless it is empty or discarded', async () => {
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

  test('gives each of two downloads its own part, and the file is complete whichever ends first', async () => {
    const seed = await cache.begin(file)
    await seed.append(bytes('ab'))
    await seed.release()
    const [one, two] = await Promise.all([cache.begin(file), new HubCache(folder).begin(file)])
    // Only one of them resumes the old part.
    expect([one.held, two.held].sort()).toEqual([0, 2])
    for (const part of [one, two]) await part.append(bytes('abcdef'.slice(part.held)))
    await Promise.all([one.commit(), two.commit()])
    await Promise.all([one.release(), two.release()])
    expect(await readdir(place)).toEqual(['config.json'])
    expect(await readFile(join(place, 'config.json'), 'utf8')).toBe('abcdef')
  })

  test('resumes the longest part of killed processes', async () => {
    await writePartOf(await endedProcess(), 'ab')
    await writePartOf(await endedProcess(), 'abcd')
    expect(await resumedBytes()).toBe(4)
  })

  test('does not take the part of a running process, unless it is an hour old', async () => {
    const path = await writePartOf(process.pid, 'abcd')
    expect(await resumedBytes()).toBe(0)
    const hourAgo = new Date(Date.now() - 61 * 60 * 1000)
    await utimes(path, hourAgo, hourAgo)
    expect(await resumedBytes()).toBe(4)
  })

  test('discards a part that is longer than the file', async () => {
    await writePartOf(await endedProcess(), 'abcdefgh')
    expect(await resumedBytes()).toBe(0)
  })

  test('says how to choose another folder if it cannot be written', async () => {
    await writeFile(join(folder, 'hub'), 'in the way')
    const { details, message } = await failure(cache.begin(file), 'STORAGE_FAILED')
    expect(details).toEqual({ folder })
    expect(message).toContain('SPECTER2_WEB_CACHE')
  })

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('fails if the folder is read-only', async () => {
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
