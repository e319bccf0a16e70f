import { expect, test } from 'vitest'
import { folderUrl } from '../../../model/model-source.js'
import { convertedKey, isCurrent, supersedes } from './converted-key.js'

const source = { name: 'specter2', revision: 'main', digest: 'ab'.repeat(32), adapters: ['proximity'] }
const q8 = { dtype: 'q8', errorFeedback: false } as const
const fp32 = { dtype: 'fp32', errorFeedback: false } as const

test('a key is a URL that survives parsing, whatever the names are', () => {
  expect(convertedKey(source, q8)).toMatch(/^converted:specter2@main\/q8\/base\+proximity\/abababababababab\/\d+$/)
  for (const name of ['my model?#%', '日本語', '../..', 'a/b']) {
    const key = convertedKey({ ...source, name, revision: 'refs/pr/1' }, fp32)
    expect(folderUrl(key)).toBe(key)
    expect(key.split('/')).toHaveLength(5)
    expect(isCurrent(key)).toBe(true)
  }
})

test('a newer commit of a name, or a newer converter, supersedes the old one; other files of that name do not', () => {
  const key = convertedKey(source, q8)
  const newer = convertedKey({ ...source, digest: 'cd'.repeat(32) }, q8)
  expect(supersedes(newer, key)).toBe(true)
  expect(supersedes(key, key)).toBe(false)
  expect(supersedes(newer, convertedKey(source, fp32))).toBe(false)
  expect(supersedes(newer, convertedKey(source, { ...q8, errorFeedback: true }))).toBe(false)
  expect(supersedes(newer, convertedKey({ ...source, name: 'specter' }, q8))).toBe(false)

  const files = convertedKey({ ...source, revision: 'files' }, q8)
  expect(supersedes(files, files.replace(/\d+$/, '0'))).toBe(true)
  expect(isCurrent(files.replace(/\d+$/, '0'))).toBe(false)
  expect(supersedes(files, convertedKey({ ...source, revision: 'files', digest: 'cd'.repeat(32) }, q8))).toBe(false)
})
