import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../core/errors.js'
import { appBase, assetsFolder } from './assets-folder.js'

describe("the app's folder", () => {
  test.each([
    ['of a page beside its scripts', 'https://x.test/app/', ['https://x.test/app/assets/index.js'], '/app/'],
    ['of a route', 'https://x.test/app/library/42/papers?q=1#top', ['https://x.test/app/assets/index.js'], '/app/'],
    ['at the root', 'https://x.test/library/42', ['https://x.test/_next/static/chunks/main.js'], '/'],
    [
      'with a script of the host above it',
      'https://x.test/docs/a/b',
      ['https://x.test/stats.js', 'https://x.test/docs/_next/main.js'],
      '/docs/',
    ],
    ['of a page whose scripts are elsewhere', 'https://x.test/app/page', ['https://cdn.test/app/index.js'], '/app/'],
    [
      'of a page whose scripts a bundler compiled',
      'https://x.test/app/page',
      ['file:///home/me/app/index.js', 'webpack://x/index.js'],
      '/app/',
    ],
    ['of an extension', 'chrome-extension://abc/popup.html', ['chrome-extension://abc/assets/popup.js'], '/'],
    ['of a name that begins like another', 'https://x.test/app2/page', ['https://x.test/app/index.js'], '/'],
  ])('%s', (_, page, scripts, expected) => {
    expect(appBase(page, scripts)).toBe(new URL(expected, page).href)
  })
})

test('a folder that is given gets a closing slash; what is no URL is refused by name', () => {
  expect(assetsFolder('https://cdn.test/specter2-web')).toBe('https://cdn.test/specter2-web/')
  expect(() => assetsFolder('http://')).toThrow(InvalidArgumentError)
})
