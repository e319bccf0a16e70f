import { InvalidArgumentError, Specter2Error } from '../src/index.js'
import { countOf } from './format.js'
import { DEFAULT_MODEL, type ModelChoice } from './model-panel.js'
import type { ReadingStage } from './reader.js'

/** What a reader can do next. */
export type NextStep = 'retry' | 'use-default-model' | 'change-model'

export interface Failure {
  title: string
  message: string
  safe: string
  next: NextStep
}

/** A failed load or run in words: what failed, what is safe, what to do next. */
export function describeFailure(
  stage: ReadingStage,
  error: unknown,
  { model }: ModelChoice,
  { embedded, total }: { embedded: number; total: number },
): Failure {
  const message = messageOf(error)
  if (stage === 'embed') {
    return {
      title: `Embedding stopped after ${embedded} of ${countOf(total, 'paper')}`,
      message,
      safe: embedded > 0 ? `The ${embedded} embedded so far can be searched, and no paper is lost.` : 'No paper is lost.',
      next: 'retry',
    }
  }
  return {
    title: 'The model did not load',
    message,
    safe: 'Your papers are still here, and nothing of them was sent anywhere.',
    next: nextAfterLoad(error, model),
  }
}

/** The error's own words: the library's say what was found, what was expected and what to do. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function nextAfterLoad(error: unknown, model: string): NextStep {
  if (error instanceof InvalidArgumentError) return 'change-model'
  const mayRecover = error instanceof Specter2Error && error.retryable
  return model === DEFAULT_MODEL || mayRecover ? 'retry' : 'use-default-model'
}
