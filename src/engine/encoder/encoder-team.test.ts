import { expect, test } from 'vitest'
import { randomAdapter, randomEncoder } from '../../../testing/plain-encoder.js'
import { type Helpers, helpersShare, TEAM_BYTES, TeamLeader } from './encoder-team.js'
import { packEncoder } from './pack-encoder.js'
import { WasmEncoder } from './wasm-encoder.js'

const sharedMemory = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
const ADDRESS = 64

test('each job of a step runs once, wherever; a helper that comes late runs none', () => {
  const memory = sharedMemory()
  const leader = new TeamLeader(memory, ADDRESS)
  const first = leader.step
  const ran: string[] = []
  const helper = helpersShare(memory, ADDRESS, first)
  leader.share(4, (job) => {
    ran.push(`leader ${job}`)
    // As if another thread ran while this one is at work.
    if (job === 1) helper(4, (other) => ran.push(`helper ${other}`))
  })
  expect(ran).toEqual(['leader 0', 'leader 1', 'helper 2', 'helper 3'])
  leader.share(2, (job) => ran.push(`leader ${job}`))
  leader.share(2, (job) => ran.push(`leader ${job}`))
  helper(2, () => expect.unreachable())
  expect(ran.slice(4)).toEqual(['leader 0', 'leader 1', 'leader 0', 'leader 1'])
})

test('steps go on after their number has started again, and more jobs than fit in a step run in the leader', () => {
  const memory = sharedMemory()
  new Int32Array(memory.buffer, ADDRESS, TEAM_BYTES / 4)[0] = 0xffffff << 8
  const leader = new TeamLeader(memory, ADDRESS)
  const late = helpersShare(memory, ADDRESS, 0xfffffe)
  const helper = helpersShare(memory, ADDRESS, leader.step)
  const ran: number[] = []
  leader.share(3, (job) => {
    ran.push(job)
    if (job > 0) return
    late(3, () => expect.unreachable())
    helper(3, (other) => ran.push(other))
  })
  expect(ran).toEqual([0, 1, 2])
  const { step } = leader
  leader.share(256, () => {})
  helper(256, () => expect.unreachable())
  expect(leader.step).toBe(step)
})

test.each(['cls', 'mean'] as const)('a helper changes no bit of a vector, %s', (pooling) => {
  const shape = { hidden: 64, heads: 4, layers: 3, intermediate: 200, vocabulary: 100, positions: 512, seed: 3 }
  const encoder = randomEncoder({ ...shape, activation: 'gelu', pooling, adapters: true, smoothing: true })
  const leader = new WasmEncoder(packEncoder(encoder, 'simd', 512))
  const setup = leader.helperSetup!
  const adapter = leader.packAdapter({ name: null, layers: randomAdapter(encoder.shape, 16, 1) })
  const calls: number[] = []
  const helper = new WasmEncoder(setup, setup.texts)
  const helpers: Helpers = { count: 2, call: ({ lengths }) => calls.push(...lengths) }
  for (const length of [1, 7, 95, 96, 97, 300, 512]) {
    const ids = Array.from({ length }, (_, place) => (place * 37) % 100)
    const expected = leader.run([ids], adapter)
    expect(leader.run([ids], adapter, helpers)).toEqual(expected)
    expect(helper.run([ids], adapter)).toEqual(expected)
  }
  expect(calls).toEqual([1, 7, 95, 96, 97, 300, 512])
})

test('a copy of the weights gives the same bits on a memory of its own', () => {
  const shape = { hidden: 32, heads: 2, layers: 2, intermediate: 64, vocabulary: 100, positions: 64, seed: 3 }
  const encoder = randomEncoder({ ...shape, activation: 'gelu', pooling: 'mean', smoothing: true })
  const { packed, memory } = packEncoder(encoder, 'simd', 64)
  const first = new WasmEncoder({ packed, memory })
  const copied = new WasmEncoder({ packed, memory: new Uint8Array(memory.buffer).slice(0, packed.byteLength).buffer })
  const texts = [[1, 2, 3], [4]]
  expect(copied.run(texts, null)).toEqual(first.run(texts, null))
})
