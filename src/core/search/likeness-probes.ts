import { CALIBRATION_PAPERS } from '../calibration-texts.js'
import type { Metric, PaperText } from '../types.js'
import { type LikenessProbes, type LikenessScale, measureLikeness } from './likeness.js'

/** Texts of papers and queries, to be embedded for {@link scaleOf}. */
export interface ProbeTexts {
  papers: readonly PaperText[]
  queries: readonly string[]
}

/** Papers of many fields, then their abstracts, then the halves of these; and their titles as queries. */
export const PROBE_TEXTS: ProbeTexts = (() => {
  const abstracts = CALIBRATION_PAPERS.flatMap(({ abstract }) => (abstract ? [abstract] : []))
  const alone = (abstract: string): PaperText => ({ title: '', abstract })
  return {
    papers: [...CALIBRATION_PAPERS, ...abstracts.map(alone), ...abstracts.flatMap(halves).map(alone)],
    queries: CALIBRATION_PAPERS.map(({ title }) => title),
  }
})()

/** The scale of a model. @param papers Vectors of the texts, as `queries`; [texts][dimension]. */
export function scaleOf(
  papers: readonly Float32Array[],
  queries: readonly Float32Array[],
  metric: Metric,
  adapters: LikenessScale['adapters'],
): LikenessScale {
  const whole = CALIBRATION_PAPERS.length
  const withAbstract = CALIBRATION_PAPERS.filter(({ abstract }) => abstract).length
  let next = 0
  const places = CALIBRATION_PAPERS.map(({ abstract }) => (abstract ? next++ : null))
  const probes: LikenessProbes = {
    papers: papers.slice(0, whole),
    titles: queries,
    abstracts: places.map((place) => (place === null ? null : papers[whole + place]!)),
    halves: places.map((place) => {
      const first = whole + withAbstract + 2 * (place ?? 0)
      return place === null ? null : [papers[first]!, papers[first + 1]!]
    }),
  }
  return measureLikeness(probes, metric, adapters)
}

/** An abstract cut at the word in its middle. */
function halves(abstract: string): [string, string] {
  const middle = abstract.indexOf(' ', abstract.length / 2)
  return [abstract.slice(0, middle), abstract.slice(middle + 1)]
}
