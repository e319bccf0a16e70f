import type { Paper } from '../papers/paper.js'

/** Numbers of trial registries, in their own notation. */
const NUMBERS: readonly RegExp[] = [
  /\bNCT\s?0?\d{7,8}\b/g,
  /\bISRCTN\s?\d{8}\b/g,
  /\b(?:EUCTR|EudraCT(?:[ :-]*(?:no|number|nr)\.?)?[ :-]*)?20\d\d-\d{6}-\d\d\b/gi,
  /\bEUCT\s?20\d\d-\d{6}-\d\d-\d\d\b/g,
  /\bACTRN\s?\d{14}\b/g,
  /\bChiCTR[- ]?(?:[A-Z]{2,4}-)?\d{8,10}\b/gi,
  /\bDRKS\s?\d{8}\b/g,
  /\b(?:JPRN-)?UMIN\s?\d{9}\b/g,
  /\b(?:JPRN-)?j?RCT[a-z]?\d{9,10}\b/g,
  /\b(?:JPRN-)?JapicCTI-?\d{6}\b/g,
  /\bCTRI\/\d{4}\/\d{2,3}\/\d{6}\b/g,
  /\bIRCT\d{11,16}N\d{1,3}\b/g,
  /\bPACTR\d{15,16}\b/g,
  /\bRBR-?[a-z0-9]{6,7}\b/gi,
  /\bKCT\d{7}\b/g,
  /\b(?:NTR|NL-OMON|NL)\d{3,6}\b/g,
  /\bTCTR\d{11}\b/g,
  /\bSLCTR\/\d{4}\/\d{3}\b/g,
  /\bRPCEC\d{8}\b/g,
  /\bPER-\d{3}-\d{2}\b/g,
  /\bLBCTR\d{10}\b/g,
  /\bHKU(?:H?CTR|CTR)-\d{2,5}\b/g,
  /\bPHRR\d{6}-\d{6}\b/g,
  /\bITMCTR\d{10}\b/g,
  /\bSNCTP\d{9}\b/g,
  /\bNMRR-\d{2}-\d{2,6}-\d{3,6}\b/g,
  /\bEUPAS\d{4,6}\b/g,
  /\bCRD42\d{9}\b/g,
  /(?<=\bTrialID=)[A-Z][\w/.-]*\d/gi,
]
const REGISTRY =
  /clinicaltrials\.gov|clinicaltrialsregister|\bisrctn|trialsearch|trial register|trials? registry|\bictrp\b|anzctr|chictr|\bdrks\b|umin-?ctr|\bjrct\b|\bctri\b|eudract|euclinicaltrials|\brebec\b|irct\.ir|prospero|crd\.york\.ac\.uk/i

/** The trials that a record names. */
export interface TrialNumbers {
  /** In one notation, without repetition. */
  numbers: readonly string[]
  /** Whether the record is the registry's own, not an article. */
  isRegistered: boolean
}

const noTrial: TrialNumbers = { numbers: [], isRegistered: false }

/** Any registry number has six digits in a row, or the notation of one of few registries; most records are ruled out by this. */
const MAYBE = /\d{5}|CTRI|CTR-|RBR|SLCTR|PER-|NTR|TrialID|clinicaltrial|ictrp|registry|register/i

/** Reads trial numbers from any field. A registry's record names it as venue, or has its number in place of authors, venue or pages. */
export function trialNumbers(paper: Paper): TrialNumbers {
  const names = (paper.authors ?? []).map(({ family, given, name }) => [family, given, name].filter(Boolean).join(' '))
  const place = [paper.venue, paper.pages, paper.volume, paper.issue, ...names].filter(Boolean).join('\n')
  const link = `${paper.url ?? ''}\n${paper.key ?? ''}`
  const others = [paper.title, paper.doi, paper.abstract, ...(paper.keywords ?? []), ...Object.values(paper.fields ?? {}).flat()]
  const all = [place, link, ...others].filter(Boolean).join('\n')
  if (!MAYBE.test(all)) return noTrial
  const isArticle = Boolean((paper.doi && !/10\.1186\/isrctn/i.test(paper.doi)) || paper.pmid || paper.volume)
  const isRegistered = REGISTRY.test(isArticle ? '' : `${place}\n${link}`) || (!isArticle && numbersOf(place).length > 0)
  const own = isRegistered ? numbersOf(`${place}\n${link}`) : []
  // An article's abstract, and a registry's description, may name other trials as well.
  return { numbers: own.length > 0 ? own : numbersOf(all), isRegistered }
}

function numbersOf(text: string): string[] {
  const found = NUMBERS.flatMap((pattern) => text.match(pattern) ?? [])
  return [
    ...new Set(
      found.map((number) =>
        number
          .toUpperCase()
          .replace(/^(?:JPRN-|EUCTR|EUDRACT.*?(?=20\d\d-))/, '')
          .replaceAll(/[\s]/g, ''),
      ),
    ),
  ]
}
