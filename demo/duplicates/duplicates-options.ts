import type { Preset } from '../../src/core/duplicates/index.js'
import type { DuplicatesProgress } from './duplicates-protocol.js'
import type { ListName, MergeRule } from './pair-review.js'

export const PRESETS: readonly (readonly [Preset, string])[] = [
  ['cautious', 'cautious: join only what is certain'],
  ['balanced', 'balanced'],
  ['thorough', 'thorough: join what is likely'],
]
export const RULES: readonly (readonly [MergeRule, string])[] = [
  ['most-complete', 'the most complete record'],
  ['newest', 'the newest record'],
  ['preferred-source', 'the record of the first source'],
]
/** Lists of pairs, and the groups. */
export const LISTS: readonly (readonly [ListName | 'groups', string])[] = [
  ['queue', 'to review'],
  ['joined', 'joined by the tool'],
  ['decided', 'decided by you'],
  ['groups', 'as groups'],
]
export const STAGES: Readonly<Record<DuplicatesProgress['stage'], string>> = {
  prepare: 'Reading titles, authors and numbers',
  neighbours: 'Comparing vectors',
  compare: 'Comparing fields',
}
