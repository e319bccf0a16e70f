import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { VERSION } from './version.js'

test.each(['package.json', 'build/packages/runtime/package.json', 'public/models/minilm/package.json'])(
  'is that of %s',
  (path) => {
    expect(JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).version).toBe(VERSION)
  },
)
