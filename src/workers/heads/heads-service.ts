import { fitClassifier, fitMultiLabelClassifier } from '../../core/heads/fit-classifier.js'
import { fitRegressor } from '../../core/heads/fit-regressor.js'
import type { FitProgress } from '../../core/heads/head-options.js'
import type { CallContext, Service } from '../rpc/protocol.js'
import type { HeadsProtocol } from './heads-protocol.js'

/** The heads worker's methods: it fits linear heads. */
export function headsService(): Service<HeadsProtocol> {
  const following = ({ signal, report }: CallContext<FitProgress>) => ({
    signal,
    onProgress: (progress: FitProgress) => void report(progress),
  })
  return {
    classifier: async ({ vectors, labels, options }, context) =>
      (await fitClassifier(vectors, labels, { ...options, ...following(context) })).toJSON(),
    multiLabel: async ({ vectors, labels, options }, context) =>
      (await fitMultiLabelClassifier(vectors, labels, { ...options, ...following(context) })).toJSON(),
    regressor: async ({ vectors, targets, options }, context) =>
      (await fitRegressor(vectors, targets, { ...options, ...following(context) })).toJSON(),
  }
}
