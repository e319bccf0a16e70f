import { expect, test } from 'vitest'
import { findPublishedFiles } from './published-files.js'

type Files = Record<string, string>
const { signal } = new AbortController()

const blobs = (files: Files) => new Map(Object.entries(files).map(([path, text]) => [path, new Blob([text])]))
const found = async (files: Files) => {
  const { base, adapters } = await findPublishedFiles(blobs(files))
  return { base: base.name, adapters: [...adapters].map(([name, folder]) => `${name}: ${folder.name}`) }
}
const failure = (files: Files) =>
  findPublishedFiles(blobs(files)).then(
    () => expect.fail('It found a model.'),
    (error) => error,
  )

const base = (folder: string): Files => ({
  [`${folder}config.json`]: '{}',
  [`${folder}pytorch_model.bin`]: 'weights',
  [`${folder}vocab.txt`]: '[PAD]',
})
const adapter = (folder: string, name: unknown = '[X]'): Files => ({
  [`${folder}adapter_config.json`]: JSON.stringify({ name }),
  [`${folder}pytorch_adapter.bin`]: 'adapter',
})

test('folders are recognized by their contents, and adapters named by their folders, in a fixed order', async () => {
  const files = {
    ...adapter('models/specter2_regression/'),
    ...adapter('models/specter2/'),
    ...base('models/specter2_base/'),
    ...adapter('models/specter2_adhoc_query/'),
    ...adapter('models/specter2_classification/'),
    'models/.git/config.json': '{}',
    'models/.git/pytorch_model.bin': '',
    'models/README.md': '',
  }
  expect(await found(files)).toEqual({
    base: 'specter2_base',
    adapters: [
      'proximity: specter2',
      'adhoc_query: specter2_adhoc_query',
      'classification: specter2_classification',
      'regression: specter2_regression',
    ],
  })
})

test("folders of the hub's cache are named after their repositories", async () => {
  const snapshot = (name: string) => `hub/models--allenai--${name}/snapshots/0123abcd/`
  expect(await found({ ...base(snapshot('specter2_base')), ...adapter(snapshot('specter2_proximity')) })).toEqual({
    base: 'specter2_base',
    adapters: ['proximity: specter2_proximity'],
  })
})

test('an adapter in a folder of an unknown name is named by its configuration, otherwise by its folder', async () => {
  const files = { ...base('a/'), ...adapter('a/1/', '[QRY]'), ...adapter('a/topics/', '[unknown]'), ...adapter('a/PRX/', 'mine') }
  expect(await found(files)).toEqual({ base: 'a', adapters: ['adhoc_query: 1', 'PRX: PRX', 'topics: topics'] })
})

test('files without a folder can hold a base and an adapter, each with its own weights', async () => {
  const files = {
    ...adapter('', 'mine'),
    'config.json': '{}',
    'model.safetensors': 'base',
    'adapter_model.safetensors': 'adapter',
  }
  const { base, adapters } = await findPublishedFiles(blobs(files))
  expect(base.name).toBe('model')
  const own = adapters.get('mine')!
  expect(await own.open('model.safetensors')).toBeNull()
  expect((await own.open('adapter_model.safetensors'))?.byteLength).toBe('adapter'.length)
  expect((await base.open('model.safetensors'))?.byteLength).toBe('base'.length)
})

test('the digest depends on exactly what is read', async () => {
  const digest = async (files: Files) => (await findPublishedFiles(blobs(files))).digest(signal)
  const files = { ...base('m/'), ...adapter('m/adapters/proximity/') }
  const first = await digest(files)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(await digest({ ...files, 'm/tf_model.h5': 'the same weights for TensorFlow' })).toBe(first)
  expect(await digest(Object.fromEntries(Object.entries(files).map(([path, text]) => [`elsewhere/${path}`, text])))).toBe(first)
  for (const [path, text] of [
    ['m/pytorch_model.bin', 'other weights'],
    ['m/vocab.txt', '[UNK]'],
    ['m/adapters/proximity/pytorch_adapter.bin', 'another adapter'],
    ['m/adapters/regression/adapter_config.json', '{"name": "[RGN]"}'],
  ] as const)
    expect(await digest({ ...files, [path]: text })).not.toBe(first)
})

test('all shards that an index lists are read, and no others', async () => {
  const index = JSON.stringify({ weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } })
  const files = {
    'm/config.json': '{}',
    'm/model.safetensors.index.json': index,
    'm/model-00001-of-00002.safetensors': 'first',
    'm/model-00002-of-00002.safetensors': 'second',
    'm/pytorch_model.bin': 'the same weights for torch',
  }
  const { base, digest } = await findPublishedFiles(blobs(files))
  expect((await base.open('model-00002-of-00002.safetensors'))?.byteLength).toBe('second'.length)
  expect(await base.open('pytorch_model.bin')).toBeNull()
  const changed = await findPublishedFiles(blobs({ ...files, 'm/model-00002-of-00002.safetensors': 'other' }))
  expect(await changed.digest(signal)).not.toBe(await digest(signal))
})

test('AdapterFusion, and an encoder in a folder of its own, are refused by name', async () => {
  const fusion = { ...base('m/'), ...adapter('m/proximity/'), 'm/fusion/adapter_fusion_config.json': '{}' }
  expect(await failure(fusion)).toMatchObject({
    code: 'UNSUPPORTED',
    details: { file: 'adapter_fusion_config.json', field: 'AdapterFusion' },
  })
  expect(await failure({ ...base('m/0_Transformer/'), 'm/modules.json': '[]' })).toMatchObject({
    code: 'UNSUPPORTED',
    details: { file: 'modules.json', field: 'path', actual: '0_Transformer' },
  })
})

test('an error names what is missing or found twice', async () => {
  expect(await failure({})).toMatchObject({ code: 'MODEL_NOT_FOUND', details: { found: [] } })
  expect(await failure(adapter('specter2/'))).toMatchObject({
    code: 'MODEL_NOT_FOUND',
    details: { found: ['adapter "specter2"'] },
  })
  expect(await failure({ 'm/config.json': '{}', 'm/tf_model.h5': '' })).toMatchObject({
    details: { found: ['"m/config.json"', '"m/tf_model.h5"'] },
  })
  expect(await failure({ ...base('a/'), ...base('b/') })).toMatchObject({
    code: 'INVALID_MODEL',
    details: { found: ['"a"', '"b"'] },
  })
  expect(await failure({ ...base('m/'), ...adapter('x/proximity/'), ...adapter('y/specter2/') })).toMatchObject({
    code: 'INVALID_MODEL',
    details: { adapter: 'proximity', found: ['"x/proximity"', '"y/specter2"'] },
  })
  expect(await failure({ ...base('m/'), ...adapter('a b/', 7) })).toMatchObject({
    code: 'INVALID_MODEL',
    details: { found: ['"a b"'] },
  })
  expect(await failure({ ...base('m/'), 'x/adapter_config.json': '<html>' })).toMatchObject({ code: 'DAMAGED_FILE' })
})

test('a file that can no longer be read is an error', async () => {
  const gone = Object.assign(new Blob(['weights']), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }),
  })
  const { base: folder, digest } = await findPublishedFiles(
    new Map([...blobs(base('m/')), ['m/pytorch_model.bin', gone as Blob]]),
  )
  const refused = { code: 'DAMAGED_FILE', details: { file: 'pytorch_model.bin' }, cause: { name: 'NotReadableError' } }
  await expect(digest(signal)).rejects.toMatchObject(refused)
  await expect((await folder.open('pytorch_model.bin'))!.read(0, 4)).rejects.toMatchObject(refused)
})
