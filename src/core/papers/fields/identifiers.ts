/**
 * The DOI in a text, in lower case and without resolver, prefix or surrounding text.
 *
 * @returns `undefined` if the text has none.
 */
export function normalizeDoi(text: string): string | undefined {
  const unescaped = /%2f|%28|%29|%3c|%3e|%3a|%3b/i.test(text) ? safelyDecoded(text) : text
  let doi = /10\.\d{4,9}(?:\.\d+)*\/[^\s"{}]+/.exec(unescaped)?.[0]
  if (doi === undefined) return undefined
  for (let before = ''; before !== doi; ) {
    before = doi
    doi = doi.replace(/[.,;:'’”]+$|\[doi\]$|#.*$|\?.*$/i, '')
    for (const [open, close] of ['()', '[]', '<>'] as const)
      if (doi.endsWith(close!) && count(doi, open!) < count(doi, close!)) doi = doi.slice(0, -1)
  }
  return /\/./.test(doi) ? doi.toLowerCase() : undefined
}

/** The arXiv id in a text, with its version if it has one, without `arXiv:` or URL. Also reads old ids (`hep-th/9901001`). */
export function normalizeArxivId(text: string): string | undefined {
  const match =
    /^\s*(?:arxiv:\s*)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[a-z]{2})?\/\d{7}(?:v\d+)?)(?:\s*\[[^\]]*\])?\s*$/i.exec(text) ??
    /arxiv(?:\.org\/(?:abs|pdf)\/|[.:]\s*)(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[a-z]{2})?\/\d{7}(?:v\d+)?)/i.exec(text)
  return match?.[1]
}

/** The digits of the PubMed id in a text. */
export function normalizePmid(text: string): string | undefined {
  return (
    /^\s*(?:pmid:?\s*)?(\d{1,8})(?:\s*\[(?:pmid|uid)\])?\s*$/i.exec(text)?.[1] ??
    /(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov\/(?:m\/)?pubmed|openalex\.org\/pmid)\/(\d{1,8})/i.exec(text)?.[1]
  )
}

/** The first four-digit year in a date of any form, if any. */
export function parseYear(text: string): number | undefined {
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
