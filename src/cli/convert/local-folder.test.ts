import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failure } from '../../../testing/checkpoints.js'
import { temporaryFolder } from '../testing.js'
import { localFolder, StagedFolder } from './local-folder.js'

let folder: string

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => rm(folder, { recursive: true }))

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

const ours = JSON.stringify({ formatVersion: 1, selfTest: {} })

async function commitModel(path: string): Promise<void> {
  const staged = await StagedFolder.create(path)
  await staged.write('manifest.json', chunks(ours))
  await staged.write('onnx/model.onnx', chunks('new'))
  await staged.commit()
}

describe('localFolder', () => {
  test('reads slices of files, also through links, and tells which files are missing', async () => {
    await writeFile(join(folder, 'blob'), '0123456789')
    await symlink('blob', join(folder, 'model.safetensors'))
    await mkdir(join(folder, 'vocab.txt'))
    const published = await localFolder(`${folder}/`)
    expect(published.name).toBe(folder.split('/').at(-1))
    const source = (await published.open('model.safetensors'))!
    expect(source.name).toBe('model.safetensors')
    expect(source.byteLength).toBe(10)
    expect(new TextDecoder().decode(await source.read(3, 6))).toBe('345')
    expect(await source.read(0, 0)).toEqual(new Uint8Array(0))
    expect(await published.open('none')).toBeNull()
    expect(await published.open('vocab.txt')).toBeNull()
  })

  test.each(['none', 'file'])('refuses %s, which is not a folder', async (name) => {
    await writeFile(join(folder, 'file'), '')
    const { details } = await failure(localFolder(join(folder, name)), 'MODEL_NOT_FOUND')
    expect(details).toEqual({ folder: join(folder, name) })
  })
})

describe('StagedFolder', () => {
  test('appears when it is committed, and leaves nothing else', async () => {
    const target = join(folder, 'models', 'tiny')
    const staged = await StagedFolder.create(target)
    await staged.write('onnx/model.onnx', chunks('a', 'bc'))
    await staged.write('manifest.json', chunks(ours))
    await expect(stat(target)).rejects.toThrow('ENOENT')
    await staged.commit()
    expect(await readFile(join(target, 'onnx/model.onnx'), 'utf8')).toBe('abc')
    expect(await readdir(join(folder, 'models'))).toEqual(['tiny'])
    expect((await readdir(target, { recursive: true })).sort()).toEqual(['manifest.json', 'onnx', 'onnx/model.onnx'])
  })

  test('is readable for a web server of another user, as any new folder', async () => {
    await commitModel(join(folder, 'tiny'))
    await mkdir(join(folder, 'any'))
    const mode = async (path: string) => (await stat(join(folder, path))).mode & 0o777
    expect(await mode('tiny')).toBe(await mode('any'))
    expect(await mode('tiny/onnx')).toBe(await mode('any'))
  })

  test('leaves nothing when it is discarded', async () => {
    const staged = await StagedFolder.create(join(folder, 'tiny'))
    await staged.write('onnx/model.onnx', chunks('abc'))
    await staged.discard()
    expect(await readdir(folder)).toEqual([])
  })

  test('replaces an older model completely', async () => {
    const target = join(folder, 'tiny')
    await commitModel(target)
    await writeFile(join(target, 'left-over.onnx'), 'old')
    await commitModel(target)
    expect(await readdir(folder)).toEqual(['tiny'])
    expect((await readdir(target, { recursive: true })).sort()).toEqual(['manifest.json', 'onnx', 'onnx/model.onnx'])
  })

  test('leaves an older model as it was when it is discarded', async () => {
    const target = join(folder, 'tiny')
    await commitModel(target)
    const staged = await StagedFolder.create(target)
    await staged.write('onnx/model.onnx', chunks('newer'))
    await staged.discard()
    expect(await readdir(folder)).toEqual(['tiny'])
    expect(await readFile(join(target, 'onnx/model.onnx'), 'utf8')).toBe('new')
  })

  test.each([
    ['an empty folder', null],
    ['a folder with other files', { 'paper.tex': '' }],
    ["a web app's folder, with its own manifest.json", { 'manifest.json': '{"name":"app","start_url":"/"}', 'index.html': '' }],
    ['a folder whose manifest.json is not JSON', { 'manifest.json': 'PNG' }],
    ['a folder whose manifest.json is null', { 'manifest.json': 'null' }],
  ])('refuses to replace %s, and leaves it as it was', async (_, files) => {
    const target = join(folder, 'target')
    await mkdir(target)
    for (const [path, content] of Object.entries(files ?? {})) await writeFile(join(target, path), content)
    const { details } = await failure(StagedFolder.create(target), 'UNSUPPORTED')
    expect(details).toEqual({ folder: target })
    expect(await readdir(folder)).toEqual(['target'])
    expect((await readdir(target)).sort()).toEqual(Object.keys(files ?? {}).sort())
  })

  test('refuses to replace a file', async () => {
    const target = join(folder, 'file')
    await writeFile(target, 'mine')
    await failure(StagedFolder.create(target), 'UNSUPPORTED')
    expect(await readFile(target, 'utf8')).toBe('mine')
  })
})
