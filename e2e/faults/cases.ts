import { test } from '../site.js'

/** Whether every case runs, as by `npm run faults`; otherwise a few of each kind. */
const isCampaign = process.env.FAULT_ROUNDS !== undefined

/** Cases that run now: all of them, or those of the sample. */
export function cases<T>(all: readonly T[], isSample: (item: T, index: number) => boolean): readonly T[] {
  return isCampaign ? all : all.filter(isSample)
}

/** Notes what a case ended with, for the table. */
export const outcome = (description: string) => test.info().annotations.push({ type: 'outcome', description })

/** Numbers from 0 to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
