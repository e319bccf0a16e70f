import { expect, test } from 'vitest'
import { npyHeader } from './npy.js'

test('the header of a .npy file is the one that numpy.save writes: aligned, ending with a line feed', () => {
  const header = npyHeader(1400, 768)
  expect(header.length % 64).toBe(0)
  expect([...header.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  expect(new DataView(header.buffer).getUint16(8, true)).toBe(header.length - 10)
  const literal = new TextDecoder().decode(header.subarray(10))
  expect(literal).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1400, 768\), \} *\n$/)
})
