import { expect, test } from 'vitest'
import { compileEncoder } from '../../../build/compile-kernels.mjs'
import { LAYOUTS as WRITTEN } from '../../core/kernels/assembly/encoder/tiles.mjs'
import { ENCODER_KERNELS } from '../../core/kernels/encoder-bytes.js'
import { LAYOUTS, TIERS } from '../../core/kernels/encoder-tiers.js'
import { chooseTier } from './choose-tier.js'

test.each(TIERS)('the committed kernels for %s are those of their source', async (tier) => {
  expect(Buffer.from(await compileEncoder(tier)).toString('base64')).toBe(ENCODER_KERNELS[tier])
})

test('the committed layouts are those of the tiles', () => {
  expect(LAYOUTS).toEqual(WRITTEN)
  expect(TIERS).toEqual(Object.keys(WRITTEN))
})

test('a tier that this CPU or engine lacks is not chosen, and plain SIMD always is', () => {
  // No CPU has both.
  expect(['vnni', 'sdot'] as const).toContain((['vnni', 'sdot'] as const).find((tier) => chooseTier([tier]) === null))
  expect(chooseTier(['simd'])).toBe('simd')
  expect(chooseTier()).not.toBeNull()
})
