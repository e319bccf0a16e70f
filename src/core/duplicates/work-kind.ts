import type { Paper } from '../papers/paper.js'
import { foldCase } from './fold-text.js'

/** The kind of work that a record is of, if that makes it another work than an article of the same title. */
export type WorkKind = 'thesis' | 'dataset' | 'software' | 'patent' | 'preprint' | 'meeting' | 'article' | 'book'

const PREPRINT =
  /\b(?:arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|socarxiv|edarxiv|engrxiv|eartharxiv|osf preprints?|preprints?(?:\.org)?|ssrn|research ?square|authorea|techrxiv|corr|(?:working|discussion) papers?|arbeitspapiere?|documents? de travail|documentos? de trabajo|texto para discussao|nber|iza dp|cepr dp|cesifo)\b|препринт/
const PREPRINT_DOI =
  /^10\.(?:48550|1101|64898|2139|21203|31234|31235|31219|26434|20944|36227|22541|35542|3386|31223|31222|31220)\//
const THESIS =
  /\b(?:theses|thesis|dissertations?|dissertation abstracts|doctoral|doktorarbeit|habilitation(?:sschrift)?|these|tesis|tese|tesi di|proefschrift|proquest|phd|ph\.d|master'?s|msc)\b|диссертаци|学位论文|博士论文|硕士论文|博士論文/
const DATASET = /\b(?:figshare|dryad|zenodo|mendeley data|dataverse|pangaea|osf storage|icpsr|data archive)\b/
const DATASET_DOI = /^10\.(?:6084|5061|5281|17632|7910|1594|3886|17605|17863|15482)\//
const MEETING =
  /\b(?:conferences?|proceedings|proc|symposi(?:um|a)|congress(?:es)?|workshops?|meetings?|konferenz|tagung|kongress|congreso|congres|congresso|colloque|annual session|conf|symp)\b|конференци|会议|学会大会/
const JOURNAL =
  /\b(?:journal|j|transactions|trans|record|rec|letters|magazine|bulletin|annals|archives|archivos|archives de|revue|revista|rivista|zeitschrift|review|reviews|acta)\b|журнал|вестник|архив|杂志|学报|雑誌/

/** What a venue is by its name; null if its name does not say. */
export function kindOfVenue(folded: string): WorkKind | null {
  if (PREPRINT.test(folded)) return 'preprint'
  if (THESIS.test(folded)) return 'thesis'
  if (DATASET.test(folded)) return 'dataset'
  if (MEETING.test(folded)) return 'meeting'
  return JOURNAL.test(folded) ? 'article' : null
}

/** By type, venue and identifier. The type `article` proves nothing: many databases give it to everything. */
export function kindOf({ type, venue = '' }: Paper, doi: string, arxivId: string): WorkKind | null {
  if (type === 'thesis' || type === 'dataset' || type === 'software' || type === 'patent' || type === 'preprint') return type
  const named = kindOfVenue(foldCase(venue))
  if (named !== null && named !== 'article') return named
  if (type === 'conference') return 'meeting'
  if (venue === '' && (PREPRINT_DOI.test(doi) || (arxivId !== '' && doi === ''))) return 'preprint'
  if (venue === '' && DATASET_DOI.test(doi)) return 'dataset'
  return type === 'book' ? 'book' : named
}
