/**
 * The DOI in a text, in lower case and without resolver, prefix or surrounding text.
 *
 * @returns `undefined` if the text has none.
 */
export function normalizeDoi(text: string): string | undefined {
  const decoded = /%2f|%28|%29|%3c|%3e|%3a|%3b/i.test(text) ? safelyDecoded(text) : text
  const unescaped = decoded
    .replace(/&(?:amp;)?(lt|gt);/gi, (_, name: string) => (name.toLowerCase() === 'lt' ? '<' : '>'))
    .replace(/&amp;/gi, '&')
  let doi = (SICI.exec(unescaped)?.[0].replace(/\s+/g, '') ?? /10\.\d{4,9}(?:\.\d+)*\/[^\s"{}]+/.exec(unescaped)?.[0]) as
    | string
    | undefined
  if (doi === undefined) return undefined
  for (let before = ''; before !== doi; ) {
    before = doi
    doi = doi.replace(/[.,;:'’”]+$|\[doi\]$|#.*$|\?.*$/i, '').replace(PAGE_TAIL, '')
    for (const [open, close] of ['()', '[]', '<>'] as const)
      if (doi.endsWith(close!) && count(doi, open!) < count(doi, close!)) doi = doi.slice(0, -1)
  }
  return /\/./.test(doi) ? doi.toLowerCase() : undefined
}

/** A DOI made of a SICI (ANSI/NISO Z39.56), which exports break with blanks: `(SICI)1097-0258(19990101)18:1<1::AID-SIM1>3.0.CO;2-Z`. */
const SICI = /10\.\d{4,9}\/\(sici\)\s*[\dx-]+\s*\([^()]{0,20}\)[^"{};]{0,60};\s*\d\s*-\s*[\da-z#]/i
/** What publishers' addresses have after a DOI. */
const PAGE_TAIL =
  /(?<=\/.+)(?:\/(?:full|pdf|epdf|abstract|abs|fulltext|full-text|summary|meta|html|epub|pdfdirect|references)|\.(?:pdf|full|full-text|abstract|html?))$/i

/** The arXiv id in a text, with its version if it has one, without `arXiv:` or URL. Also reads old ids (`hep-th/9901001`). */
export function normalizeArxivId(text: string): string | undefined {
  const match =
    /^\s*(?:arxiv:\s*)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[a-z]{2})?\/\d{7}(?:v\d+)?)(?:\s*\[[^\]]*\])?\s*$/i.exec(text) ??
    /arxiv(?:\.org\/(?:abs|pdf)\/|[.:]\s*)(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[a-z]{2})?\/\d{7}(?:v\d+)?)/i.exec(text)
  return match?.[1]
}

/** The digits of the PubMed id in a text. */
export function normalizePmid(text: string): string | undefined {
  const id =
    /^\s*(\d{1,8})(?:\.0+)?(?:\s*\[(?:pmid|uid)\])?\s*$/i.exec(text)?.[1] ??
    /\b(?:pmid|pubmed)\b['"\s:=]*(\d{1,8})(?!\d)/i.exec(text)?.[1] ??
    /(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov\/(?:m\/)?pubmed|openalex\.org\/pmid)\/(\d{1,8})/i.exec(text)?.[1]
  // Screening programs write 0 where there is none.
  return id === undefined || /^0+$/.test(id) ? undefined : id
}

/** The first four-digit year in a date of any form, if any. */
export function parseYear(date: string): number | undefined {
  // Full-width digits are digits, too.
  const text = /[\uff10-\uff19]/.test(date) ? date.normalize('NFKC') : date
  const match =
    /(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)/.exec(text)?.[1] ??
    /(?<!\d)(1[4-9]\d\d|20\d\d)(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)/.exec(text)?.[1]
  return match === undefined ? undefined : Number(match)
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
