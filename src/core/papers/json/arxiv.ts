import { normalizeArxivId, normalizeDoi, parseYear } from '../fields/identifiers.js'
import { parseName } from '../fields/names.js'
import type { Author } from '../paper.js'
import type { PaperDraft } from '../record.js'
import { cleanAbstract } from '../text/clean-abstract.js'
import { cleanText } from '../text/clean-text.js'
import { latexToText } from '../text/latex-to-text.js'
import { draftOf, type JsonKind, type JsonObject, objects, otherFields, textOf } from './json-record.js'

/** Papers of arXiv's metadata as Kaggle distributes it; texts have LaTeX. */
export const ARXIV: JsonKind = {
  is: (object) =>
    Array.isArray(object.authors_parsed) || (Object.hasOwn(object, 'journal-ref') && Object.hasOwn(object, 'categories')),
  read: readPaper,
}

function readPaper(paper: JsonObject): PaperDraft {
  const plain = (name: string) => cleanText(latexToText(textOf(paper[name]) ?? ''))
  const id = textOf(paper.id)
  const created = textOf(objects(paper.versions)[0]?.created)
  return draftOf({
    type: 'preprint',
    title: plain('title'),
    abstract: cleanAbstract(latexToText(textOf(paper.abstract) ?? '')),
    authors: Array.isArray(paper.authors_parsed)
      ? paper.authors_parsed.flatMap((name) => nameOf(name) ?? [])
      : plain('authors')
          .split(/,\s+(?:and\s+)?|\s+and\s+/)
          .flatMap((name) => parseName(name, 'bibtex') ?? []),
    year: parseYear(created ?? '') ?? yearOfId(id) ?? parseYear(textOf(paper.update_date) ?? ''),
    venue: plain('journal-ref'),
    doi: normalizeDoi(textOf(paper.doi) ?? ''),
    arxivId: normalizeArxivId(id ?? ''),
    key: id,
    fields: otherFields(paper, 'title', 'abstract', 'id', 'doi', 'authors_parsed'),
  })
}

/** arXiv's ids begin with year and month: `0704.0001`, `hep-th/9901001`. */
function yearOfId(id: string | undefined): number | undefined {
  const two = /(?:^|\/)(\d\d)(?:0[1-9]|1[0-2])/.exec(id ?? '')?.[1]
  return two === undefined ? undefined : Number(two) + (Number(two) > 90 ? 1900 : 2000)
}

/** `["Balázs", "C.", "Jr"]`: family name, given names, suffix. */
function nameOf(parts: unknown): Author | undefined {
  if (!Array.isArray(parts)) return undefined
  const [family, given, suffix] = parts.map((part) => cleanText(latexToText(textOf(part) ?? '')))
  if (!family) return given ? { name: given } : undefined
  if (!given && /\s/.test(family)) return { name: family }
  return { family, ...(given && { given }), ...(suffix && { suffix }) }
}
