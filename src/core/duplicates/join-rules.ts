import { InvalidArgumentError } from '../errors.js'
import { COMPARED_FIELDS, type ComparedField, type PairEvidence } from './evidence.js'

/** A review's own rules, which overrule what the finder would do; a person's decisions overrule them. */
export interface JoinRules {
  /** Records with two DOIs are never joined, not even if a publisher and an archive gave one text each its own. Default `false`. */
  neverJoinDifferentDois?: boolean
  /** Records that are equal in every field that is compared are joined, even headings and bare titles. Default `false`. */
  alwaysJoinEqual?: boolean
  /** Records are joined only if each of these fields agrees; one that is missing does not. Default: none. */
  mustAgree?: readonly ComparedField[]
}

/** @throws InvalidArgumentError for a field that is not compared. */
export function checkRules({ mustAgree = [] }: JoinRules): void {
  for (const [index, field] of mustAgree.entries())
    if (!COMPARED_FIELDS.includes(field))
      throw new InvalidArgumentError(`rules.mustAgree[${index}]`, field, `one of ${COMPARED_FIELDS.join(', ')}`)
}

/** Whether the rules let a pair be joined. @param doisDiffer Whether both have a DOI, and not the same. */
export function allows({ neverJoinDifferentDois, mustAgree = [] }: JoinRules, pair: PairEvidence, doisDiffer: boolean): boolean {
  return !(neverJoinDifferentDois && doisDiffer) && mustAgree.every((field) => pair.fields[field] === 'agree')
}

/** Whether the rules keep two papers apart that others might connect: they have values that differ. */
export function forbids({ neverJoinDifferentDois, mustAgree = [] }: JoinRules, pair: PairEvidence, doisDiffer: boolean): boolean {
  return (neverJoinDifferentDois === true && doisDiffer) || mustAgree.some((field) => pair.fields[field] === 'differ')
}
